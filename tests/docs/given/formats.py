import zipfile

from tests.tree.formats.exports import chatgpt_export

with zipfile.ZipFile("export.zip", "w") as archive:
    archive.writestr("conversations.json", b"".join(chatgpt_export(3)))


def judge(text: str) -> float:
    return float(len(text))
