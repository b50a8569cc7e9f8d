"""Train the networks whose weights ship with layerlab, and write their files: `make weights`; no build runs this."""
