"""The administrators' pages of notifications.

broadcasts   the list, who may do what, and which page is whose
writing      the form, and what its script asks while somebody fills it in
rehearsal    a draft: what would happen, approval, sending
watching     what is on its way: live progress, pause, recall, report
switch       stops all sending
status       the status page's items
"""

from notifications.admin import broadcasts, status
from notifications.channels import admin as channels
from notifications.deliveries import admin as deliveries
from notifications.feeds import admin as feeds

__all__ = ["broadcasts", "channels", "deliveries", "feeds", "status"]
