"""The expected errors of notifications; the engine turns them into wire and HTTP answers.

Invalid   BadItem · BadPageCursor · BroadcastInvalid · EmptyAudience · BadData · BadKey · BadSnooze · BadAudience
          BadSubject · BadReminderTime · BadNote
          BadPreference: UnknownCategory · UnknownChannel · BadFrequency · BadQuietHours · BadWorkingDays
          UnknownLanguage · BadScope · BadMute · TooManyScopes
          BadEndpoint: UnknownHost
          BadUnsubscribeLink · BadPicture · WrongNumber · NobodyInFile
          ScheduleInvalid: UnknownTimeZone · TimeDoesNotExist · TimeInThePast · TimeTooFarAhead
                           BadCron · BadRule · BadEnd · NeverHappens · TooOften
NotFound  BroadcastNotFound · OccurrenceNotFound · UnknownNotificationType · NoticeNotFound
          PushDeviceNotFound · UnknownDeviceChannel · ReminderNotFound · SubjectNotFound
Unavailable  PushKeysWrong
Conflict  AlreadySent · NotSending · NothingToRecall · NotRecurring · EditedMeanwhile · NotADraft · NotApproved
          NothingToApprove · ApprovedAsItIs · AlreadyStopped · NothingToRetry · PeopleNotRead · PictureNotFetched
Forbidden OwnApproval
LimitReached  TooManyReminders
"""

from realtime import Conflict, Forbidden, Invalid, LimitReached, NotFound, Unavailable


class BadItem(Invalid):
    code = "bad_item"
    message = 'An inbox item id is "n" or "b" and a number, for example "n12".'


class BadPageCursor(Invalid):
    code = "bad_page_cursor"
    message = (
        "That is not a page position of this inbox; use the id of the last item you have, or leave it out."
    )


class BroadcastInvalid(Invalid):
    code = "broadcast_invalid"
    message = "This broadcast cannot be stored."


class EmptyAudience(Invalid):
    code = "empty_audience"
    message = "Nobody is in this audience, so there is nothing to send."


class BadData(Invalid):
    code = "bad_data"
    message = "The data does not fit the notification type."


class BadKey(Invalid):
    code = "bad_key"
    message = "The key of a notice has 1 to 200 characters and names what happened, so that it is told once."


class BadAudience(Invalid):
    code = "bad_audience"
    message = "There is no such audience."


class BadEndpoint(Invalid):
    code = "bad_endpoint"
    message = "Nothing can be sent to this address: use one that starts with https:// on a public host."


class UnknownHost(BadEndpoint):
    message = "There is no such host."


class BadUnsubscribeLink(Invalid):
    code = "bad_unsubscribe_link"
    message = "This link is not complete, or not from here."


class BadSnooze(Invalid):
    code = "bad_snooze"
    message = "Snooze until a time between now and a year from now, with its time zone."


class BadPreference(Invalid):
    code = "bad_preference"
    message = "This cannot be chosen."


class UnknownCategory(BadPreference):
    code = "unknown_category"
    message = "There is no such category; GET /api/preferences lists those that there are."


class UnknownChannel(BadPreference):
    code = "unknown_channel"
    message = "There is no such channel; GET /api/preferences lists those that there are."


class BadFrequency(BadPreference):
    code = "bad_frequency"
    message = "Expected instant or off, or on a channel with digests hourly, daily or end_of_day."


class BadQuietHours(BadPreference):
    code = "bad_quiet_hours"
    message = 'Quiet hours have a beginning and an end that differ, as "HH:MM" from 00:00 to 23:59.'


class BadWorkingDays(BadPreference):
    code = "bad_working_days"
    message = "Working days are one to seven different numbers from 1, Monday, to 7, Sunday."


class UnknownLanguage(BadPreference):
    code = "unknown_language"
    message = "There is no such language; GET /api/preferences lists those that there are."


class BadScope(BadPreference):
    code = "bad_scope"
    message = (
        'A scope is a kind and a number, for example "room:7", and is followed for all, mentions or nothing.'
    )


class BadMute(BadPreference):
    code = "bad_mute"
    message = (
        "Mute until a time ahead, with its time zone and at most ten years from now, or until null to end it."
    )


class TooManyScopes(BadPreference):
    code = "too_many_scopes"
    message = "So many rules for single rooms cannot be kept. Set some of them back to all."


class BadSubject(Invalid):
    code = "bad_subject"
    message = 'What to be reminded of is named "message:12", or "notification:n12" by the id of a line of the inbox.'


class BadReminderTime(Invalid):
    code = "bad_reminder_time"
    message = "Choose a time between now and two years from now, with its time zone."


class BadNote(Invalid):
    code = "bad_note"
    message = "A note has at most 200 characters."


class UnknownNotificationType(NotFound):
    code = "unknown_notification_type"
    message = "There is no such notification type."


class NoticeNotFound(NotFound):
    code = "notice_not_found"
    message = "There is no such notice."


class PushKeysWrong(Unavailable):
    code = "push_keys_wrong"
    message = "Push to browsers is not set up rightly here. Tell an administrator."


class UnknownDeviceChannel(NotFound):
    code = "unknown_device_channel"
    message = "There is no such channel for devices here."


class PushDeviceNotFound(NotFound):
    code = "push_device_not_found"
    message = "You have no such device."


class ReminderNotFound(NotFound):
    code = "reminder_not_found"
    message = "There is no such reminder. It may have fired already."


class SubjectNotFound(NotFound):
    code = "subject_not_found"
    message = "What you want to be reminded of does not exist, or you may not see it."


class TooManyReminders(LimitReached):
    code = "too_many_reminders"
    message = "You have very many reminders. Cancel some of them first."
    retry = False


class ScheduleInvalid(Invalid):
    code = "schedule_invalid"
    message = "This is not a time a broadcast can be sent at."


class UnknownTimeZone(ScheduleInvalid):
    code = "unknown_time_zone"
    message = "There is no such time zone; expected a name such as Europe/Berlin."


class TimeDoesNotExist(ScheduleInvalid):
    code = "time_does_not_exist"
    message = "The clocks skip this time on that day."


class TimeInThePast(ScheduleInvalid):
    code = "time_in_the_past"
    message = "This time has passed already. Choose a later one, or send now."


class TimeTooFarAhead(ScheduleInvalid):
    code = "time_too_far_ahead"
    message = "This time is too far ahead."


class BadCron(ScheduleInvalid):
    code = "bad_cron"
    message = "This cron rule cannot be read."


class BadRule(ScheduleInvalid):
    code = "bad_rrule"
    message = "This recurrence rule cannot be read."


class BadEnd(ScheduleInvalid):
    code = "bad_end"
    message = "A series cannot end so."


class NeverHappens(ScheduleInvalid):
    code = "never_happens"
    message = "This rule has no time that is still to come."


class TooOften(ScheduleInvalid):
    code = "too_often"
    message = "The times of this rule are too close to each other."


class BroadcastNotFound(NotFound):
    code = "broadcast_not_found"
    message = "There is no such broadcast."


class OccurrenceNotFound(NotFound):
    code = "occurrence_not_found"
    message = "There is no such occurrence; the broadcast may have been edited."


class AlreadySent(Conflict):
    code = "already_sent"
    message = "This is already being sent or finished; it cannot be cancelled or changed any more."


class NotSending(Conflict):
    code = "not_sending"
    message = "Only a broadcast that is scheduled or being sent can be paused, and only a paused one goes on."


class NothingToRecall(Conflict):
    code = "nothing_to_recall"
    message = "Nobody has got this broadcast, so there is nothing to recall. Cancel it instead."


class NotRecurring(Conflict):
    code = "not_recurring"
    message = "This happens only once, so there is nothing to skip. Cancel it instead."


class EditedMeanwhile(Conflict):
    code = "edited_meanwhile"
    message = "Somebody else has changed this broadcast meanwhile. Look at it again, then edit it."


class BadPicture(Invalid):
    code = "bad_picture"
    message = "This is no picture that can be used; expected PNG, JPEG, WebP or GIF."


class NobodyInFile(Invalid):
    code = "nobody_in_file"
    message = "No line of this file names somebody who can get it."


class PeopleNotRead(Conflict):
    code = "people_not_read"
    message = "Its file of people has not been read to its end. Wait for that, or choose the file again."


class PictureNotFetched(Conflict):
    code = "picture_not_fetched"
    message = "Its picture has not been fetched. Wait for that, or change its address."


class WrongNumber(Invalid):
    code = "wrong_number"
    message = "That is not the number of people who get it. Look at the number, and type it again."


class NotADraft(Conflict):
    code = "not_a_draft"
    message = "This broadcast was submitted before, so it can no longer be changed and is not sent again."


class NotApproved(Conflict):
    code = "not_approved"
    message = "A second person has to approve this broadcast, as it is now, before it is sent."


class ApprovedAsItIs(Conflict):
    code = "approved_as_it_is"
    message = "A second person approved this as it is, so it stays so. Cancel it, and write another one."


class NothingToApprove(Conflict):
    code = "nothing_to_approve"
    message = "Nobody is waiting for an approval of this broadcast as it is now."


class OwnApproval(Forbidden):
    code = "own_approval"
    message = (
        "You wrote or changed this broadcast, or asked for its approval, so somebody else has to approve it."
    )


class AlreadyStopped(Conflict):
    code = "already_stopped"
    message = "All sending is stopped already."


class NothingToRetry(Conflict):
    code = "nothing_to_retry"
    message = "Nothing of this broadcast has failed, so there is nothing to try again."
