"""Jobs over HTTP: to start with, for scripts, and for pages whose socket is blocked."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from realtime.http import session_or_token
from realtime.jobs import services
from realtime.jobs.download import result_response
from realtime.jobs.status import JobStatus

router = Router(tags=["jobs"], auth=session_or_token)


class OnceIn(Schema):
    client_id: str


@router.get("/jobs", summary="Your jobs, newest first")
def jobs(request: HttpRequest) -> Any:
    return services.jobs_of(request.auth)  # type: ignore[attr-defined]


@router.get("/jobs/{job_id}", summary="How far a job is; staff who may view jobs see anybody's")
def job(request: HttpRequest, job_id: int) -> Any:
    return JobStatus.of(services.job_for_watching(request.auth, job_id))  # type: ignore[attr-defined]


@router.get("/jobs/{job_id}/file", summary="The result of one of your jobs, to download")
def job_file(request: HttpRequest, job_id: int) -> Any:
    return result_response(services.job_of(request.auth, job_id))  # type: ignore[attr-defined]


@router.post("/jobs/{job_id}/cancel", summary="Call a job off")
def job_cancel(request: HttpRequest, job_id: int, body: OnceIn) -> Any:
    return services.job_cancel(request.auth, job_id, client_id=body.client_id)  # type: ignore[attr-defined]


@router.post("/jobs/{job_id}/remove", summary="Delete a job and its file")
def job_remove(request: HttpRequest, job_id: int, body: OnceIn) -> Any:
    return services.job_remove(request.auth, job_id, client_id=body.client_id)  # type: ignore[attr-defined]
