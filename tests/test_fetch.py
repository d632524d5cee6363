"""Fetching clips, from a web server on loopback."""

import hashlib
import http.server
import threading
from itertools import pairwise

import pytest

from gmmtrack.errors import ArgumentError, SourceError
from gmmtrack.fetch import Clip, fetch, known_clips

CONTENT = b"a clip " * 1000


class Web(http.server.BaseHTTPRequestHandler):
    """Serves the clip, a clip that breaks off half-way, and nothing else."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path not in ("/clip.avi", "/broken.avi"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT if self.path == "/clip.avi" else CONTENT[:3000])

    def log_message(self, *_):
        pass


@pytest.fixture
def web():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def clips(port, page="clip.avi", content=CONTENT):
    sha256 = hashlib.sha256(content).hexdigest()
    return {"clip": Clip(file="clip.avi", url=f"http://127.0.0.1:{port}/{page}", sha256=sha256, about="a clip")}


def test_a_clip_is_fetched_once(web, tmp_path, capfd):
    for _ in range(2):
        path = fetch("clip", clips=clips(web.server_port), folder=tmp_path / "cache")
        assert path == tmp_path / "cache" / "clip.avi"
        assert path.read_bytes() == CONTENT
    assert web.asked == ["/clip.avi"]
    assert capfd.readouterr() == ("", "")


def test_a_clip_that_was_spoilt_on_disk_is_fetched_again(web, tmp_path):
    (tmp_path / "clip.avi").write_bytes(CONTENT[:100])
    assert fetch("clip", clips=clips(web.server_port), folder=tmp_path).read_bytes() == CONTENT


def test_a_wrong_checksum_is_an_error_and_leaves_nothing(web, tmp_path):
    with pytest.raises(SourceError) as error:
        fetch("clip", clips=clips(web.server_port, content=b"other"), folder=tmp_path)
    url = f"http://127.0.0.1:{web.server_port}/clip.avi"
    assert str(error.value) == f"clip from {url} is not the file expected: its checksum differs"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("page", "reason"), [("none.avi", "the server answers 404"), ("broken.avi", "the connection broke off")]
)
def test_a_failed_download_is_an_error_and_leaves_nothing(web, tmp_path, page, reason):
    with pytest.raises(SourceError) as error:
        fetch("clip", clips=clips(web.server_port, page), folder=tmp_path)
    assert str(error.value) == f"clip cannot be fetched from http://127.0.0.1:{web.server_port}/{page}: {reason}"
    assert list(tmp_path.iterdir()) == []


def test_being_offline_is_an_error(tmp_path):
    with http.server.HTTPServer(("127.0.0.1", 0), Web) as server:
        port = server.server_port
    with pytest.raises(SourceError) as error:
        fetch("clip", clips=clips(port), folder=tmp_path)
    assert str(error.value) == f"clip cannot be fetched from http://127.0.0.1:{port}/clip.avi: no connection"


def test_a_cache_that_cannot_be_written_is_an_error(web, tmp_path):
    (tmp_path / "cache").touch()
    with pytest.raises(SourceError) as error:
        fetch("clip", clips=clips(web.server_port), folder=tmp_path / "cache")
    assert "\n" not in str(error.value)


def test_an_unknown_name_is_an_error():
    with pytest.raises(ArgumentError) as error:
        fetch("nothing")
    assert str(error.value) == "name must be one of vtest, got 'nothing'"


def test_the_known_clips_have_names_and_checksums_of_their_own():
    known = list(known_clips().values())
    assert all(len(bytes.fromhex(clip.sha256)) == 32 for clip in known)
    assert all(one.file != other.file for one, other in pairwise(sorted(known, key=lambda clip: clip.file)))


def test_vtest_has_the_checksum_in_the_table(data):
    content = (data / "vtest" / "vtest.avi").read_bytes()
    assert hashlib.sha256(content).hexdigest() == known_clips()["vtest"].sha256
