"""Watches a room by WHEP with aiortc: watch.py URL [BEARER].

Says on standard output, line by line, how much it has decoded: the kind, how many frames, and how much
they differ from the first (pictures) or how loud they are (sound). Ends with standard input.
"""

import asyncio
import sys
from array import array

import exchange

SAYS_EVERY = 10


def brightness(frame) -> float:
    """The mean of a picture's grey values."""
    plane = frame.reformat(format="gray").planes[0]
    return sum(bytes(plane)) / plane.buffer_size


def loudness(frame) -> float:
    """The greatest sample."""
    samples = array("h", bytes(frame.planes[0]))
    return max(abs(sample) for sample in samples)


async def count(track) -> None:
    frames, level = 0, 0.0
    while True:
        frame = await track.recv()
        frames += 1
        if frames % SAYS_EVERY == 0:
            level = max(level, brightness(frame) if track.kind == "video" else loudness(frame))
            print(track.kind, frames, round(level, 1), flush=True)


async def main(url: str, bearer: str | None = None) -> None:
    connection = exchange.peer()
    for kind in ("video", "audio"):
        connection.addTransceiver(kind, direction="recvonly")
    counting = []

    @connection.on("track")
    def arrived(track) -> None:
        counting.append(asyncio.ensure_future(count(track)))

    session = await exchange.offer(connection, url, bearer)
    await asyncio.to_thread(sys.stdin.read)
    for task in counting:
        task.cancel()
    await exchange.end(session)
    await connection.close()


asyncio.run(main(*sys.argv[1:3]))
