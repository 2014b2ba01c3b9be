from pathlib import Path

from tests.media_files import png

Path("image.png").write_bytes(png())
Path("audio.mp3").write_bytes(b"ID3\x04" + bytes(64))
