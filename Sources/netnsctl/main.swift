// The client at the prompt.

Netnsctl.start()
