"""The synthetic county: one seed, any size. Streams are pure; only `synth.load` touches a database."""
