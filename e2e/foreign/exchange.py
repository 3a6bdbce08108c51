"""The HTTP side of WHIP and WHEP: an offer is posted, the answer comes back with a place to end it."""

import asyncio
import urllib.error
import urllib.parse
import urllib.request

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription


def peer() -> RTCPeerConnection:
    """A peer connection that asks no server for its addresses: by default aiortc asks one on the internet."""
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))


async def offer(connection: RTCPeerConnection, url: str, bearer: str | None) -> str:
    """Posts an offer, takes the answer, and returns the address of the session."""
    await connection.setLocalDescription(await connection.createOffer())
    sdp = connection.localDescription.sdp
    answer, place = await asyncio.to_thread(_post, url, sdp, bearer)
    await connection.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))
    return urllib.parse.urljoin(url, place)


async def end(session: str) -> None:
    """Ends a session as the standards tell."""
    request = urllib.request.Request(session, method="DELETE")
    await asyncio.to_thread(lambda: urllib.request.urlopen(request).close())


def _post(url: str, sdp: str, bearer: str | None) -> tuple[str, str]:
    headers = {"Content-Type": "application/sdp"}
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    request = urllib.request.Request(url, sdp.encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request) as response:
            return response.read().decode(), response.headers["Location"]
    except urllib.error.HTTPError as refusal:
        raise SystemExit(f"refused: {refusal.code} {refusal.read().decode()}") from refusal
