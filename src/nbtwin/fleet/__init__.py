"""Very many devices against any CoAP or LwM2M server: plans, shards, and what came of them (`docs/fleet.md`)."""
