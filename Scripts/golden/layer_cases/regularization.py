"""Layers that are noise in training; what they do without it is certain."""

from layer_cases import L, case, normal


def cases():
    noisy = [
        ("dropout", lambda: L.Dropout(0.4, noise_shape=(None, 1, None)), (2, 3, 4)),
        ("spatial_dropout_1d", lambda: L.SpatialDropout1D(0.4), (2, 5, 3)),
        ("spatial_dropout_2d", lambda: L.SpatialDropout2D(0.4), (2, 3, 4, 3)),
        ("spatial_dropout_2d_channels_first",
         lambda: L.SpatialDropout2D(0.4, data_format="channels_first"), (2, 3, 4, 3)),
        ("spatial_dropout_3d", lambda: L.SpatialDropout3D(0.4), (2, 2, 3, 2, 3)),
        ("gaussian_dropout", lambda: L.GaussianDropout(0.4), (3, 5)),
        ("gaussian_noise", lambda: L.GaussianNoise(0.4), (3, 5)),
        ("alpha_dropout", lambda: L.AlphaDropout(0.4), (3, 5)),
        ("alpha_dropout_noise_shape", lambda: L.AlphaDropout(0.4, noise_shape=(None, 1)), (3, 5)),
    ]
    for name, layer, shape in noisy:
        yield case(f"{name}_without_training", layer, normal(*shape))
    for name, layer in [("gaussian_dropout", lambda: L.GaussianDropout(0.0)),
                        ("gaussian_noise", lambda: L.GaussianNoise(0.0)),
                        ("alpha_dropout", lambda: L.AlphaDropout(0.0))]:
        yield case(f"{name}_of_nothing", layer, normal(3, 5), training=True)
    yield case("dropout_of_everything", lambda: L.Dropout(1.0), normal(3, 5), training=True)
    yield case("activity_regularization", lambda: L.ActivityRegularization(0.1, 0.2),
               normal(3, 5), training=True)
