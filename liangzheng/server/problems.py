"""Errors as RFC 9457 problem JSON: the one table from error family to HTTP status."""

from __future__ import annotations

import logging
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from liangzheng.errors import CannotDo, Malformed, NotAllowed, NotFound, Refused, Unavailable

STATUS: dict[type[CannotDo], int] = {NotFound: 404, NotAllowed: 403, Refused: 409, Malformed: 422, Unavailable: 503}
# A phone that was revoked has to sign in anew, one whose proof is too old to sign again: HTTP has answers of its own for these.
BY_CODE = {"device_revoked": 401, "device_proof": 401, "sign_in_wait": 429}
TITLES = {
    401: "请先登录",
    403: "不允许",
    404: "找不到",
    409: "现在不能办理",
    413: "内容太大",
    422: "输入有误",
    429: "请稍候",
    503: "暂时不可用",
}
log = logging.getLogger(__name__)


def problem(status: int, code: str, detail: str, **facts: object) -> HttpResponse:
    """Make one problem answer; `code` is stable, `detail` is for people."""
    body = {"type": "about:blank", "title": TITLES.get(status, "不能办理"), "status": status, "code": code, "detail": detail}
    return JsonResponse(
        body | facts, status=status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
    )


def install(api: NinjaAPI) -> None:
    """Tell the API how each kind of error is answered."""

    @api.exception_handler(CannotDo)
    def cannot_do(_request: HttpRequest, error: CannotDo) -> HttpResponse:
        return problem(BY_CODE.get(error.code, STATUS[type(error)]), error.code, error.message, **error.facts)

    @api.exception_handler(ValidationError)
    def invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
        places = [{"place": ".".join(str(part) for part in item["loc"]), "cause": item["msg"]} for item in error.errors]
        return problem(422, "invalid_input", "提交的内容不完整或格式不对。", errors=places)

    @api.exception_handler(HttpError)
    def http_error(_request: HttpRequest, error: HttpError) -> HttpResponse:
        code = "not_allowed" if error.status_code == HTTPStatus.FORBIDDEN else "invalid_input"
        return problem(error.status_code, code, "请求无法处理，请刷新后重试。")

    @api.exception_handler(RequestDataTooBig)
    def too_large(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
        return problem(413, "file_too_large", "提交的内容太大，请分批提交。")

    @api.exception_handler(Http404)
    def not_found(_request: HttpRequest, _error: Http404) -> HttpResponse:
        return problem(404, "not_found", "没有这个地址。")

    @api.exception_handler(OperationalError)
    def database_down(_request: HttpRequest, error: OperationalError) -> HttpResponse:
        log.error("database: %s", type(error).__name__)
        return problem(503, "database_down", "数据库暂不可用，本次操作没有保存，请稍后重试。")

    @api.exception_handler(Exception)
    def fault(request: HttpRequest, error: Exception) -> HttpResponse:
        # The last line: a fault of ours is logged with its place and answered without it.
        log.error("%s %s", request.method, request.path, exc_info=error)
        return problem(500, "internal_error", "系统出错，本次操作没有保存，请稍后重试。")
