"""The expected errors of jobs.

Invalid       BadJobKey · BadJobArgs
NotFound      UnknownJobKind · JobNotFound · JobFileNotFound
LimitReached  TooManyJobs
"""

from realtime.errors import Invalid, LimitReached, NotFound


class BadJobKey(Invalid):
    code = "bad_job_key"
    message = (
        "The key of a job has 1 to 200 characters and names what is to be done, so that it is done once."
    )


class BadJobArgs(Invalid):
    code = "bad_job_args"
    message = "The arguments do not fit the kind of job."


class UnknownJobKind(NotFound):
    code = "unknown_job_kind"
    message = "There is no such kind of job."


class JobNotFound(NotFound):
    code = "job_not_found"
    message = "There is no such job, or it is not yours."


class JobFileNotFound(NotFound):
    code = "job_file_not_found"
    message = (
        "There is no file to download, or it was deleted because its time was over. Start the job again."
    )


class TooManyJobs(LimitReached):
    code = "too_many_jobs"
    message = "You have several jobs under way. Wait until one of them ends, or cancel one."
    retry = False
