# Every mail of one mailbox, as IMAP gives it: a line of base64 each, oldest first. Arguments: imap://:PASSWORD@HOST:PORT, and the user.
import base64, imaplib, sys, urllib.parse

server, user = urllib.parse.urlsplit(sys.argv[1]), sys.argv[2]
with imaplib.IMAP4(server.hostname, server.port, timeout=20) as imap:
    imap.login(user, server.password)
    imap.select("INBOX", readonly=True)
    for number in imap.search(None, "ALL")[1][0].split():
        print(base64.b64encode(imap.fetch(number, "(RFC822)")[1][0][1]).decode())
