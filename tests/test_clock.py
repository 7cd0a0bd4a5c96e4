from datetime import UTC, datetime, timedelta

from forecast import clock


def test_now_is_the_moment_in_utc():
    before = datetime.now(UTC)
    now = clock.now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)


def test_today_is_the_date_in_utc(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 24, 23, 59, tzinfo=UTC))
    assert clock.today().isoformat() == "2026-11-24"
