"""What is measured: networks of that name, with these batches and epochs."""

# Batch size, and the number of samples in an epoch (in a quick run): multiples of the batch size.
SIZES = {
    "mlp": (32, 60_000, 9_600),
    "cnn": (128, 12_800, 2_560),
    "lstm": (128, 12_800, 2_560),
    "bigru": (128, 6_400, 1_280),
    "resnet20": (64, 1_920, 640),
    "resnet20-bf16": (64, 1_920, 640),
    "transformer": (32, 1_920, 640),
    "wide": (32, 9_600, 1_920),
    "mobilenet": (32, 640, 320),
    "unet": (16, 320, 64),
    "tcn": (32, 1_280, 320),
    "light_resnet50": (64, 64, 64),
}
# Workloads that are files of others, which are not trained.
PREDICT_ONLY = ("light_resnet50",)
# Those whose inputs have a place for channels in torch's other memory format.
PICTURES = ("cnn", "resnet20", "resnet20-bf16", "mobilenet", "unet")
