# Runs a command at a terminal of its own and answers its questions, one after another: COMMAND… -- ANSWER…
import os, pty, select, sys

split = sys.argv.index("--")
command, answers = sys.argv[1:split], sys.argv[split + 1:]
child, terminal = pty.fork()
if child == 0:
    os.execv(command[0], command)
asked = b""
said = b""
while True:
    if not select.select([terminal], [], [], 60)[0]:
        sys.exit("it waits for something: " + said.decode())
    try:
        part = os.read(terminal, 4096)
    except OSError:  # Linux' way to say that nobody writes any more
        break
    if not part:
        break
    said, asked = said + part, asked + part
    if asked.endswith(b"] ") and answers:
        os.write(terminal, answers.pop(0).encode() + b"\n")
        asked = b""
sys.stdout.write(said.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
