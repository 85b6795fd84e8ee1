"""A picture or sound that cannot be used, and what its owner is told of it."""

WORDS = {
    "unsupported_image": "no picture in JPEG, PNG or WebP",
    "corrupt_image": "a picture that is damaged or cut off",
    "too_many_pixels": "a picture with more pixels than the plan allows",
    "extreme_aspect": "a picture more than fifty times as long as wide",
    "too_many_frames": "a moving picture",
    "unsupported_audio": "no sound in WAV, FLAC or OGG",
    "corrupt_audio": "a sound that is damaged, cut off or not of numbers",
    "no_samples": "a sound without samples",
    "too_many_channels": "a sound of more than eight channels",
    "sound_too_long": "a sound longer than the plan allows",
}


class BadMedia(Exception):
    """`code` is one of `WORDS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
