"""Pictures and sounds: out of an archive, found in its layout, looked at one by one, kept beside the rows."""
