"""Publishes a moving picture and a tone by WHIP with aiortc: publish.py URL BEARER.

Says what it is about on standard output, line by line, and ends its session when standard input ends.
"""

import asyncio
import fractions
import math
import sys
from array import array

from aiortc import MediaStreamTrack, VideoStreamTrack
from av import AudioFrame, VideoFrame

import exchange

WIDTH, HEIGHT = 320, 180
RATE, SAMPLES = 48_000, 960
TONE = 440


class Bars(VideoStreamTrack):
    """A bright bar that walks over a dark picture."""

    count = 0

    async def recv(self) -> VideoFrame:
        pts, time_base = await self.next_timestamp()
        at = self.count * 4 % WIDTH
        self.count += 1
        line = bytes(230 if (x - at) % WIDTH < WIDTH // 4 else 30 for x in range(WIDTH))
        frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
        for plane, row in zip(frame.planes, (line, bytes([128]) * WIDTH, bytes([128]) * WIDTH)):
            plane.update(row[: plane.width].ljust(plane.line_size, b"\0") * plane.height)
        frame.pts, frame.time_base = pts, time_base
        return frame


class Tone(MediaStreamTrack):
    """A sine, twenty milliseconds at a time."""

    kind = "audio"
    count = 0
    began = None

    async def recv(self) -> AudioFrame:
        loop = asyncio.get_running_loop()
        self.began = self.began or loop.time()
        await asyncio.sleep(self.began + self.count / RATE - loop.time())
        turn = 2 * math.pi * TONE / RATE
        wave = array("h", (int(9_000 * math.sin(turn * (self.count + at))) for at in range(SAMPLES)))
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        frame.planes[0].update(wave.tobytes())
        frame.sample_rate, frame.time_base = RATE, fractions.Fraction(1, RATE)
        frame.pts = self.count
        self.count += SAMPLES
        return frame


async def main(url: str, bearer: str) -> None:
    connection = exchange.peer()
    for track in (Bars(), Tone()):
        connection.addTransceiver(track, direction="sendonly")

    @connection.on("connectionstatechange")
    def changed() -> None:
        print(connection.connectionState, flush=True)

    session = await exchange.offer(connection, url, bearer)
    await asyncio.to_thread(sys.stdin.read)
    await exchange.end(session)
    await connection.close()


asyncio.run(main(*sys.argv[1:3]))
