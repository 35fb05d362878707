"""Does the main job once through HTTP, as four people with four phones, and prints it as a transcript.

Officers 王建国 and 李海霞 inspect a coach; the driver 张三丰 shows three licences; the party opens both officers' badges.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx
from rich.cells import cell_len
from rich.console import Console

Json = Any  # an answer as it comes: the transcript is a client and reads it like one
PASSWORD = "liangzheng-demo"  # noqa: S105 - printed for everybody who tries the demo
PLATE = "鲁F0D101"
LICENCES = ("道路运输经营许可证", "道路运输证", "从业资格证")
TYPED = {"matter": "经营资质、车辆营运资质、从业人员资格"}
_MARKS = {"pass": "[green]✓[/]", "fail": "[red]✗[/]", "unknown": "[yellow]?[/]", "not_applicable": "[dim]–[/]"}
_STANDINGS = {"valid": "green", "invalid": "red", "cannot_confirm": "yellow", "valid_offline": "yellow"}
LOG_INS = (
    ("wang · li", "王建国、李海霞", "执法人员，烟台市交通运输综合行政执法支队（演示）"),
    ("zhao · sun", "赵文博、孙晓彤", "执法人员，烟台市文化市场综合行政执法支队（演示）"),
    ("zhou · qian", "执法证已过期的人员 · 执法辅助人员", "不能作为执法人员参加检查"),
    ("zhang", "张三丰", "客车驾驶员，可代烟台海云客运有限公司（演示）亮证"),
    ("ma", "马骏", "客车驾驶员，从业资格证已吊销"),
    ("liu · chen", "刘明远、陈若溪", "货车驾驶员 · 导游"),
    ("haiyun · shunda · lvtu · xinglan", "四家企业", "持证企业"),
)


class TranscriptError(RuntimeError):
    """The job did not go as it must; the message says at which step."""


@dataclass(slots=True)
class Phone:
    """One person's browser: a session, its CSRF token, and an idempotency key for every write."""

    address: str
    username: str = ""
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        """Open the browser, and sign in unless it is the party's, who needs no account."""
        self.client = httpx.Client(base_url=self.address, timeout=30, headers={"Origin": self.address})
        if self.username:
            self.get("/session")
            self.post("/session", username=self.username, password=PASSWORD)

    def __enter__(self) -> Self:
        """Use the phone."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Put it away."""
        self.client.close()

    def get(self, path: str) -> Json:
        """Read."""
        return self._said(self.send("GET", f"/api/v1{path}"))

    def post(self, path: str, **body: object) -> Json:
        """Write, once however often it is repeated."""
        return self._said(self.send("POST", f"/api/v1{path}", body))

    def put(self, path: str, **body: object) -> Json:
        """Change a value."""
        return self._said(self.send("PUT", f"/api/v1{path}", body))

    def refused(self, path: str, **body: object) -> str:
        """Try what must not work; give the error's code and sentence."""
        answer = self.send("POST", f"/api/v1{path}", body)
        if answer.is_success:
            raise TranscriptError(f"{path} was allowed")
        return f"{answer.status_code} {answer.json()['code']}：{answer.json()['detail']}"

    def send(self, method: str, address: str, body: object = None) -> httpx.Response:
        """Send one request as the web app does."""
        headers = {"X-CSRFToken": self.client.cookies.get("csrftoken") or "", "Idempotency-Key": str(uuid4())}
        try:
            return self.client.request(method, address, json=body, headers=headers)
        except httpx.TransportError as error:
            raise TranscriptError(f"{method} {address}: the server does not answer ({error})") from error

    @staticmethod
    def _said(answer: httpx.Response) -> Json:
        if not answer.is_success:
            raise TranscriptError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()


@dataclass(slots=True)
class Job:
    """The phones, the words for codes, and where to print."""

    wang: Phone
    li: Phone
    zhang: Phone
    ma: Phone
    party: Phone
    words: dict[str, Any]
    out: Console

    def say(self, who: str, what: str) -> None:
        """Print one line of the story."""
        self.out.print(f"[bold]{who}[/]  {what}")

    def word(self, code: str) -> str:
        """Put a reason code into words."""
        entry = self.words.get(code) or self.words["check"].get(code) or self.words["standing"].get(code) or {"zh": code}
        return str(entry["zh"])


def play(address: str, out: Console | None = None) -> None:
    """Do the whole job; raises `TranscriptError` at the first step that goes wrong."""
    console = out or Console(highlight=False, soft_wrap=True)
    with ExitStack() as phones:
        wang, li, zhang, ma = (phones.enter_context(Phone(address, name)) for name in ("wang", "li", "zhang", "ma"))
        job = Job(wang, li, zhang, ma, phones.enter_context(Phone(address)), wang.get("/reasons"), console)
        act = _open_act(job)
        _show_badges(job, act)
        _scan_all(job, act["id"])
        _scan_revoked(job, act["id"])
        _finish(job, act["id"])
        _show_uses(job, act["act_code"])


def _heading(job: Job, text: str) -> None:
    job.out.rule(f"[bold]{text}", align="left")


def _open_act(job: Job) -> Json:
    _heading(job, "一、亮证执法：两名执法人员出示执法证")
    li = next(person for person in job.wang.get("/colleagues") if person["name"] == "李海霞")
    asks = {"plate": PLATE, "route": "烟台—威海", "passengers": "31"}
    place = "烟台市莱山区高速路口检查点（演示）"
    act = job.wang.post("/acts", subject="coach", place=place, second_officer=li["id"], asks=asks)
    job.say("王建国", f"开启检查：{act['subject_label']}，{PLATE}，{act['place']}；行政行为码 {act['act_code']}")
    refused = job.wang.refused(f"/acts/{act['id']}/scans", code="K7QF-29XM", method="typed")
    job.say("平台", f"出示执法证之前不能扫码 → [yellow]{refused}[/]")
    for hit in act["gate"]["blocked"]:
        job.say("　　", f"[dim]{hit['rule']} {hit['article']}：{hit['message']}[/]")
    return act


def _show_badges(job: Job, act: Json) -> None:
    for name, phone in (("王建国", job.wang), ("李海霞", job.li)):
        badge = phone.post(f"/acts/{act['id']}/badge")
        certificate = badge["certificate"]
        job.say(name, f"亮出执法证 {certificate['number']}（{certificate['agency']}），核对数字 {badge['match_number']}")
        page = job.party.send("GET", httpx.URL(badge["url"]).path)
        if page.status_code != httpx.codes.OK or name not in page.text:
            raise TranscriptError(f"the party's page answered {page.status_code}")
        job.say("当事人", f"用任意相机扫开 {badge['url'][:48]}… → 姓名、单位、证号、核对数字一致，[green]证件有效[/]")
    gate = job.wang.get(f"/acts/{act['id']}")["gate"]
    if not gate["open"]:
        raise TranscriptError("two certificates were shown, but the gate is closed")
    job.say("平台", "[green]两名执法人员均已亮证，可以检查[/]")


def _scan_all(job: Job, act: str) -> None:
    _heading(job, "二、亮证(码)核验：扫一次码，逐项核验")
    mine = {licence["type_label"]: licence for licence in job.zhang.get("/my/licences") if licence["standing"] == "valid"}
    code: dict[str, Any] = {}
    for label in LICENCES:
        licence = next((value for key, value in mine.items() if label in key), None)
        if licence is None:
            raise TranscriptError(f"zhang has no valid {label}")
        code = job.zhang.post(f"/my/licences/{licence['id']}/code")
        on_behalf = f"（代 {licence['on_behalf_of']}）" if licence["on_behalf_of"] else ""
        job.say(
            "张三丰",
            f"亮码 {label}{on_behalf}：{code['text'][:26]}… 短码 {_grouped(code['short_code'])}，{code['lifetime']} 秒有效",
        )
        scan = job.wang.post(f"/acts/{act}/scans", code=code["text"], method="camera")
        _print_scan(job, scan)
        exhibit = job.wang.post(f"/acts/{act}/scans/{scan['id']}/exhibit")
        _print_exhibit(job, exhibit)
    replay = job.wang.post(f"/acts/{act}/scans", code=code["text"], method="camera")
    job.say("王建国", "再扫一次同一个码（截图重放）")
    if replay["verdict"]["standing"] != "invalid" or "code_used" not in replay["verdict"]["reasons"]:
        raise TranscriptError(f"a replayed code gave {replay['verdict']}")
    job.say("平台", f"[red]{job.word('code_used')}[/]；判定已留存")


def _scan_revoked(job: Job, act: str) -> None:
    licence = next(item for item in job.ma.get("/my/licences") if "从业资格证" in item["type_label"])
    code = job.ma.post(f"/my/licences/{licence['id']}/code")
    job.say("马骏", f"（同车另一名驾驶员）亮码 从业资格证，手工输入短码 {_grouped(code['short_code'])}")
    verdict = job.wang.post(f"/acts/{act}/scans", code=code["short_code"], method="typed")["verdict"]
    if verdict["standing"] != "invalid" or "revoked" not in verdict["reasons"]:
        raise TranscriptError(f"a revoked licence gave {verdict}")
    job.say("平台", f"[red]{'；'.join(job.word(reason) for reason in verdict['reasons'])}[/]；判定已留存，不填入笔录")


def _print_scan(job: Job, scan: Json) -> None:
    verdict, licence = scan["verdict"], scan["licence"]
    if verdict["standing"] != "valid":
        raise TranscriptError(f"a valid licence gave {verdict}")
    colour = _STANDINGS[verdict["standing"]]
    job.say(
        "王建国",
        f"扫码 → [{colour} bold]{job.word(verdict['standing'])}[/]  {licence['holder_name']}  {licence['number_masked']}",
    )
    for check in verdict["checks"]:
        reason = job.word(check["reason"]) if check["reason"] else ""
        job.out.print(f"　　{_MARKS[check['result']]} {_padded(job.word(check['id']), 24)}[dim]{check['id']}[/] {reason}")
    job.out.print(f"　　[dim]目的：{scan['purpose']}；依据：{scan['legal_basis']}[/]")


def _print_exhibit(job: Job, exhibit: Json) -> None:
    original = job.wang.send("GET", exhibit["file_url"]).content
    if hashlib.sha256(original).hexdigest() != exhibit["sha256"]:
        raise TranscriptError("the exhibit's bytes are not those of its digest")
    job.say(
        "王建国",
        f"存为证据 {exhibit['number']}：{exhibit['title']}，{exhibit['size']} 字节，结论 {job.word(exhibit['standing'])}",
    )
    job.out.print(f"　　[dim]SM3     {exhibit['sm3']}\n　　SHA-256 {exhibit['sha256']}（已重新计算，一致）[/]")


def _finish(job: Job, act_id: str) -> None:
    _heading(job, "三、信息免填：现场检查笔录，每个值注明来源")
    act = job.wang.get(f"/acts/{act_id}?full=true")
    for value in act["values"]:
        if value["editable"] and value["required"] and not value["value"]:
            text = TYPED.get(value["field"], "客车及驾驶员张三丰的证照核验有效；同车驾驶员马骏的从业资格证核验结果为已吊销。")
            act = job.wang.put(f"/acts/{act_id}/values/{value['field']}", value=text, reason="现场填写")
    for value in act["values"]:
        if value["value"]:
            job.out.print(f"　　{_padded(value['label'], 22)}{value['value']}  [dim]←[/] {_origin(value)}")
    for check in act["cross_checks"]:
        job.out.print(f"　　{_MARKS[check['result']]} {check['label']} [dim]{check['detail']}[/]")
    _heading(job, "四、实体证照免提交：证据与文书")
    act = job.wang.post(f"/acts/{act_id}/record")
    document = act["documents"][-1]
    pdf = job.wang.send("GET", document["url"]).content
    if not pdf.startswith(b"%PDF") or hashlib.sha256(pdf).hexdigest() != document["sha256"]:
        raise TranscriptError("the record is not the PDF its digest names")
    job.say("王建国", f"{document['title']} {document['number']}，{len(pdf)} 字节 PDF，SHA-256 {document['sha256']}")


def _origin(value: Json) -> str:
    source = value["source"]
    if source:
        return f"[green]免填[/] {source['licence_type_label']}"
    return {"typed": "现场填写", "asked": "当面询问", "edited": "已修改"}.get(value["kind"], "平台记录")


def _show_uses(job: Job, act_code: str) -> None:
    _heading(job, "五、留痕：张三丰看到谁、何时、为何使用了自己的信息")
    uses = [use for use in job.zhang.get("/my/uses") if use["act_code"] == act_code]
    if not uses:
        raise TranscriptError("the holder sees no use of his data")
    for use in reversed(uses):
        seen = "、".join(use["fields"])
        job.out.print(
            f"　　{use['at'][11:19]}Z {use['action_label']}  {use['licence_type_label']} {use['result_label']}  [dim]{seen}[/]"
        )
    last = uses[0]
    job.out.print(
        f"　　[dim]{last['agency']}，执法证号 {last['officer_certificate_number']}；{last['purpose']}；{last['legal_basis']}[/]"
    )


def _grouped(short_code: str) -> str:
    return f"{short_code[:4]}-{short_code[4:]}"


def _padded(text: str, width: int) -> str:
    """Fill up to a width in terminal cells; a Chinese character takes two."""
    return text + " " * max(1, width - cell_len(text))


def print_addresses(public_url: str, sandbox_url: str, out: Console | None = None) -> None:
    """Say where to go and who one may be."""
    console = out or Console(highlight=False, soft_wrap=True)
    console.rule("[bold]打开 / open", align="left")
    console.print(f"[bold]{public_url}[/]   密码 / password: [bold]{PASSWORD}[/]")
    for usernames, names, role in LOG_INS:
        console.print(f"　　{_padded(usernames, 36)}{_padded(names, 36)}[dim]{role}[/]")
    console.print(f"其他系统的码（居民码、企业码、电子营业执照）：{sandbox_url}")
    console.print("用两个浏览器窗口：一个以 wang 登录检查，一个以 zhang 登录亮码。Ctrl-C 停止。")
