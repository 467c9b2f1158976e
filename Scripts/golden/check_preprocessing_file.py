"""Opens a `.keras` file of Strata with strings in it, and prints what Keras predicts as JSON.

    check_preprocessing_file.py MODEL.keras INPUTS.json

INPUTS.json has the inputs by name. Needs an environment with TensorFlow.
"""

import json
import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

model = keras.saving.load_model(sys.argv[1])
inputs = json.load(open(sys.argv[2]))
values = [tf.constant(inputs[x.name], x.dtype) for x in model.inputs]
print(json.dumps(model.predict(values, verbose=0).tolist()))
