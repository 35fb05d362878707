"""What signing in leaves behind is forgotten in time, and not before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from liangzheng.people.jobs import forget_sign_ins_nightly
from liangzheng.people.models import SignIn, SignInTally
from tests.people.conftest import Browser


@pytest.mark.django_db
@pytest.mark.usefixtures("town")
def test_old_failures_and_sign_ins_are_forgotten_and_young_ones_kept() -> None:
    mine = Browser.at()
    mine.sign_in("li", "wrong")
    mine.sign_in()
    now = int(timezone.now().timestamp())
    forget_sign_ins_nightly(timestamp=now)
    assert (SignInTally.objects.count() > 0, SignIn.objects.count(), mine.get("/colleagues")[0]) == (True, 1, 200)
    forget_sign_ins_nightly(timestamp=now + int(timedelta(days=3).total_seconds()))
    assert (SignInTally.objects.count(), SignIn.objects.count()) == (0, 1)
    forget_sign_ins_nightly(timestamp=now + int(timedelta(days=200).total_seconds()))
    assert SignIn.objects.count() == 0
    assert mine.get("/colleagues")[1]["code"] == "not_signed_in"
