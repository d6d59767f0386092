# What Python's `email` makes of messages: from each line with a number and so many bytes after it to one line of JSON.
import email, email.policy, json, sys


def read(part):
    defects = [repr(defect) for defect in part.defects]
    defects += [f"{name}: {defect!r}" for name, value in part.items() for defect in getattr(value, "defects", ())]
    params = part["Content-Type"].params
    return {
        "headers": [[name, str(value)] for name, value in part.items()],
        "defects": defects,
        "type": part.get_content_type(),
        "charset": params.get("charset"),
        "root": params.get("type"),
        "encoding": part["Content-Transfer-Encoding"] and str(part["Content-Transfer-Encoding"]),
        "disposition": part.get_content_disposition(),
        "file": part.get_filename(),
        "fallback": params.get("name"),
        "id": part["Content-ID"] and str(part["Content-ID"]),
        "parts": [read(inner) for inner in part.iter_parts()] if part.is_multipart() else [],
        "bytes": None if part.is_multipart() else part.get_payload(decode=True).hex(),
    }


while size := sys.stdin.buffer.readline():
    message = email.message_from_bytes(sys.stdin.buffer.read(int(size)), policy=email.policy.SMTP)
    print(json.dumps(read(message)), flush=True)
