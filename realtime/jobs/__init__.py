"""Jobs: work that takes longer than a request, done by Celery in steps, watched and cancelled by its owner.

An app declares kinds in its `jobs.py` with `@job(…)`, and starts one with `realtime.jobs.services.start_job`. The
package knows no feature. Wider story: docs/decisions/0016-jobs.md.
"""

from realtime.jobs.declarations import JobKind, Result, Run, Step, Steps, job
from realtime.jobs.signals import job_ended

__all__ = ["JobKind", "Result", "Run", "Step", "Steps", "job", "job_ended"]
