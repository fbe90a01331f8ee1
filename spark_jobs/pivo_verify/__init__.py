"""What the verify job does, free of Spark: packs read range by range, their object ids recomputed."""
