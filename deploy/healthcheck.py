"""The server's health check inside its container: status 0 when it should get traffic, else 1 and the answer.

Asks for the first of ALLOWED_HOSTS, so that no installation has to allow `localhost`. Standard library only.
"""

import http.client
import os
import sys

PORT = int(os.environ.get("PORT", "8000"))
TIMEOUT_S = 4.0


def main() -> int:
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/readyz", headers={"Host": host})
        response = connection.getresponse()
        print(response.read(500).decode(errors="replace"))
    except OSError as error:
        print(f"The server does not answer on port {PORT}: {error}")
        return 1
    finally:
        connection.close()
    return 0 if response.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
