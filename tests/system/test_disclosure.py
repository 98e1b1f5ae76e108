"""What processes print and log is looked at for secrets, too."""

from pathlib import Path

from disclosure import found, show_logs, typed
from system.service import Service, quayside


def test_what_a_service_prints_and_logs_is_looked_at(tmp_path: Path) -> None:
    service = Service.started(tmp_path, storage="memory")
    secret = service.url  # stands for one: the service prints it in its greeting, and logs it
    typed(secret)

    service.kill()
    show_logs(tmp_path)
    service.log.unlink()  # or it would be found once more, when the run is over

    assert found() == [("output of the service", secret), (str(service.log), secret)]


def test_what_a_command_prints_is_looked_at(tmp_path: Path) -> None:
    typed("Bring the database up to date")

    quayside("migrate", "--help", cwd=tmp_path)

    assert [secret for _, secret in found()] == ["Bring the database up to date"]
