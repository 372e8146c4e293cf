"""Jobs of batch systems: their scripts, and SLURM's live with an `sbatch` that starts the job on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from work import name_of_worker, sleep

from sgnn.corpus.cluster import missing_here, open_cluster, submission
from sgnn.corpus.plan import plan_blocks
from sgnn.errors import ServiceError, SettingsError
from sgnn.settings import Settings, load_settings

SITE = {"queue": "short", "queue_account": "biology", "queue_walltime": "02:00:00"}

SBATCH = """#!/bin/bash
cp "$1" {folder}/job-$$.sh
setsid bash {folder}/job-$$.sh > {folder}/job-$$.log 2>&1 &
echo $! >> {folder}/jobs
echo "Submitted batch job $!"
"""
SCANCEL = """#!/bin/bash
kill -9 -- -$1
"""


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """`sbatch` and `scancel` of a cluster that is this machine; gives the folder that lists its jobs."""
    for name, script in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        file = tmp_path / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(script.format(folder=tmp_path))
        file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    paths = (str(Path(__file__).parent), os.environ.get("PYTHONPATH", ""))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    yield tmp_path
    for job in jobs(tmp_path):
        subprocess.run(["kill", "-9", "--", f"-{job}"], stderr=subprocess.DEVNULL, check=False)


def jobs(folder: Path) -> list[str]:
    file = folder / "jobs"
    return file.read_text().split() if file.exists() else []


def configured(tmp_path: Path, cluster: str, **changes: Any) -> Settings:
    site = {} if cluster == "htcondor" else SITE
    return load_settings(**{"home": tmp_path / "home", "cluster": cluster, "workers": 4, **site, **changes})


@pytest.mark.parametrize(
    ("cluster", "lines"),
    [
        ("slurm", ["#SBATCH -p short", "#SBATCH -A biology", "#SBATCH -t 02:00:00", "#SBATCH --mem=6G"]),
        ("pbs", ["#PBS -q short", "#PBS -A biology", "#PBS -l walltime=02:00:00", "select=1:ncpus=2:mem=6144MB"]),
        ("moab", ["#PBS -q short", "#PBS -A biology", "#PBS -l walltime=02:00:00"]),
        ("sge", ["#$ -q short", "#$ -P biology", "#$ -l h_rt=02:00:00"]),
        ("lsf", ["#BSUB -q short", '#BSUB -P "biology"', "#BSUB -W 02:00:00", "#BSUB -n 2"]),
        ("oar", ["#OAR -q short", "#OAR --project biology", "#OAR -l /nodes=1/core=2,walltime=02:00:00"]),
    ],
)
def test_a_job_script_asks_for_what_the_settings_say_and_is_sound(
    tmp_path: Path, cluster: str, lines: list[str]
) -> None:
    settings = configured(
        tmp_path,
        cluster,
        worker_memory="3GiB",
        worker_resources="GPU=1",
        queue_job_workers=2,
        queue_directives="--exclusive\n--mail=nobody",
        queue_prologue="module load cuda",
    )
    script = submission(settings)
    for line in (*lines, "--exclusive", "--mail=nobody", "\nmodule load cuda\n", "\nexport OMP_NUM_THREADS=1\n"):
        assert line in script
    command = script.strip().splitlines()[-1]
    assert command.startswith(f"{sys.executable} -m distributed.cli.dask_worker ")
    for option in ("--nthreads 1", "--nworkers 2", "--memory-limit 3.00GiB", "--resources GPU=1", "sgnn.corpus.block"):
        assert option in command
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


def test_a_job_of_htcondor_has_directives_as_pairs(tmp_path: Path) -> None:
    script = submission(configured(tmp_path, "htcondor", queue_directives="accounting_group = biology"))
    assert "accounting_group = biology" in script
    assert "MY.DaskWorkerMemory = 4294967296" in script
    assert "--nthreads 1" in script


@pytest.mark.parametrize(
    ("cluster", "changes", "said"),
    [
        ("htcondor", {"queue": "short"}, "SGNN_QUEUE is 'short', but HTCondor has no such option"),
        ("htcondor", {"queue_directives": "+Group"}, "SGNN_QUEUE_DIRECTIVES has .*write NAME = VALUE"),
    ],
)
def test_what_a_batch_system_does_not_have_is_told(
    tmp_path: Path, cluster: str, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        submission(configured(tmp_path, cluster, **changes))


def test_without_the_batch_system_one_line_says_so(tmp_path: Path) -> None:
    found = missing_here(configured(tmp_path, "slurm"))
    assert str(found).startswith("no job can be submitted to SLURM: 'sbatch' is not there")
    assert not (tmp_path / "home").exists()
    with pytest.raises(ServiceError, match="'sbatch' is not there"), open_cluster(configured(tmp_path, "slurm")):
        pass


def test_without_the_extra_package_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dask_jobqueue", None)
    with (
        pytest.raises(ServiceError, match=r"needs dask-jobqueue.*pip install 'sgnn\[jobqueue\]'"),
        open_cluster(configured(tmp_path, "pbs")),
    ):
        pass


def test_jobs_make_the_same_corpus_over_encrypted_connections_and_end_with_it(
    slurm: Path, content: Callable[[Settings], str | None], alone: str | None
) -> None:
    settings = configured(slurm, "slurm", workers=2, queue_interface="lo", worker_memory="2GiB")
    assert content(settings) == alone
    assert len(jobs(slurm)) == 2
    assert all(not Path(f"/proc/{job}").exists() or _ended(job) for job in jobs(slurm))
    logs = "".join(log.read_text() for log in slurm.glob("job-*.log"))
    assert "tls://127.0.0.1" in logs
    assert "tcp://" not in logs


def _ended(job: str) -> bool:
    return Path(f"/proc/{job}/stat").read_text().split()[2] == "Z"


@pytest.mark.long
def test_a_job_that_reached_its_walltime_is_submitted_again(slurm: Path) -> None:
    settings = configured(slurm, "slurm", workers=1, queue_interface="lo", worker_memory="2GiB")
    with open_cluster(settings) as cluster:
        results = cluster.run_blocks(partial(sleep, 0.2), plan_blocks(80, 10), key="test")
        next(results)
        subprocess.run(["kill", "-9", "--", f"-{jobs(slurm)[0]}"], check=True)
        assert len(list(results)) == 7
        names = [name for _, name in cluster.run_blocks(name_of_worker, plan_blocks(20, 10), key="test")]
    assert len(jobs(slurm)) == 2
    assert len(set(names)) == 1
