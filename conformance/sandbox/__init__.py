"""Five simulated agencies, each an independent program with its own OAuth, storage and language.

The gateway meets them over real sockets only. Everything they know was written from the format
pages, never from the gateway's own mappings, so that an agreement between the two is evidence.
"""
