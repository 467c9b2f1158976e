import NeuralNetworks
import TensorGraph
import Testing

@Suite("Mistakes in metrics are errors") struct MetricsMistakesTests {
  @Test("hyperparameters that make no sense")
  func hyperparameters() {
    let mistakes: [(MetricChoice, String)] = [
      (.topKCategoricalAccuracy(k: 0), "TopKCategoricalAccuracy needs a k above 0, not 0"),
      (
        .sparseTopKCategoricalAccuracy(k: .max),
        "SparseTopKCategoricalAccuracy needs a k above 0, not 9223372036854775807"
      ),
      (.auc(numThresholds: 1), "AUC needs from 2 to 1048576 thresholds, not 1"),
      (
        .auc(numThresholds: .max),
        "AUC needs from 2 to 1048576 thresholds, not 9223372036854775807"
      ),
      (.auc(thresholds: [0.5, 1.5]), "AUC needs thresholds from 0 to 1, not 1.5"),
      (.auc(numLabels: 3), "AUC has a number of labels, 3, only with multi_label"),
      (.auc(multiLabel: true, numLabels: 0), "AUC needs at least 1 label, not 0"),
      (.auc(labelWeights: [1, -2]), "AUC needs label weights of 0 or more, not -2.0"),
      (.auc(labelWeights: [.nan]), "AUC needs label weights of 0 or more, not nan"),
      (.precision(thresholds: []), "Precision needs at least 1 threshold"),
      (.precision(thresholds: [.nan]), "Precision needs thresholds from 0 to 1, not nan"),
      (.recall(thresholds: -0.5), "Recall needs thresholds from 0 to 1, not -0.5"),
      (.recall(topK: 0), "Recall needs a top_k above 0, not 0"),
      (.precision(topK: .max), "Precision needs a top_k above 0, not 9223372036854775807"),
      (.precision(classID: -1), "Precision needs a class counted from 0, not -1"),
      (
        .truePositives(thresholds: [0.5, 2]), "TruePositives needs thresholds from 0 to 1, not 2.0"
      ),
      (.precisionAtRecall(1.5), "PrecisionAtRecall needs a recall from 0 to 1, not 1.5"),
      (.recallAtPrecision(-1), "RecallAtPrecision needs a precision from 0 to 1, not -1.0"),
      (
        .sensitivityAtSpecificity(0.5, numThresholds: 0),
        "SensitivityAtSpecificity needs from 1 to 1048576 thresholds, not 0"
      ),
      (
        .specificityAtSensitivity(.nan),
        "SpecificityAtSensitivity needs a sensitivity from 0 to 1, not nan"
      ),
      (.fBetaScore(beta: 0), "FBetaScore needs a beta above 0, not 0.0"),
      (.f1Score(threshold: 0), "F1Score needs a threshold above 0 and up to 1, not 0.0"),
      (.meanIoU(numClasses: 0), "MeanIoU needs from 1 to 4096 classes, not 0"),
      (
        .oneHotMeanIoU(numClasses: .max),
        "OneHotMeanIoU needs from 1 to 4096 classes, not 9223372036854775807"
      ),
      (
        .iou(numClasses: 2, targetClassIds: [2]),
        "IoU has the target class 2, but there are 2 classes"
      ),
      (.oneHotIoU(numClasses: 2, targetClassIds: []), "OneHotIoU needs at least 1 target class"),
      (.binaryIoU(threshold: .nan), "BinaryIoU needs a threshold, not nan"),
      (.r2Score(numRegressors: -1), "R2Score needs 0 regressors or more, not -1"),
      (
        .binaryCrossentropy(labelSmoothing: 2),
        "BinaryCrossentropy needs a label smoothing from 0 to 1, not 2.0"
      ),
    ]
    for (choice, text) in mistakes {
      let error = #expect(throws: GraphError.self, "\(text)") { try choice.check() }
      #expect(error?.message == text)
    }
  }

  @Test("predictions and targets that do not fit")
  func shapes() {
    let mistakes: [(MetricChoice, Shape, Shape, String)] = [
      (
        .f1Score(), [4], [4, 3],
        """
        error: targets of shape [4] do not fit predictions of shape [4, 3]
          got   float32[4], float32[4, 3]
          help  f1_score needs one-hot targets; the loss for them is categorical_crossentropy
        """
      ),
      (
        .f1Score(), [4, 2, 3], [4, 2, 3],
        """
        error: f1_score expects predictions [batch, classes], not [nil, 2, 3]
          help  flatten what comes before it
        """
      ),
      (
        .r2Score(), [4], [4],
        """
        error: r2_score expects predictions [batch, classes], not [nil]
          help  give them a last axis of 1
        """
      ),
      (
        .precision(topK: 5), [4, 3], [4, 3],
        "error: Precision cannot look at the largest 5 of 3 predictions"
      ),
      (
        .recall(classID: 3), [4, 3], [4, 3],
        "error: Recall has the class 3, but there are 3 classes"
      ),
      (
        .auc(multiLabel: true), [4, 2, 3], [4, 2, 3],
        """
        error: AUC with multi_label expects predictions [batch, labels]
          help  the number of labels must be known, and not huge
        """
      ),
      (
        .auc(multiLabel: true, numLabels: 2), [4, 3], [4, 3],
        "error: AUC has 2 labels, and predictions have 3"
      ),
      (
        .auc(labelWeights: [1, 2]), [4, 3], [4, 3],
        "error: AUC has 2 label weights, and predictions have 3 labels"
      ),
      (
        .meanIoU(numClasses: 3), [4], [4, 3],
        """
        error: MeanIoU has targets of [4] classes for predictions of [4, 3]
          got   float32[4], float32[4, 3]
          help  predictions with a number for each class need sparse_y_pred false
        """
      ),
      (
        .oneHotMeanIoU(numClasses: 3, axis: 5), [4, 3], [4, 3],
        """
        error: OneHotMeanIoU has the classes along axis 5, which does not fit
          got   float32[4, 3], float32[4, 3]
          help  sparse_y_true and sparse_y_pred say that there are classes, and no such axis
        """
      ),
      (
        .pearsonCorrelation(), [4, 1], [4, 1],
        """
        error: PearsonCorrelation compares the numbers along axis -1, and there is only one
          got   float32[4, 1]
          help  axis 0 compares the samples of a batch
        """
      ),
      (
        .concordanceCorrelation(axis: 2), [4, 2], [4, 2],
        """
        error: ConcordanceCorrelation has the axis 2, but predictions have 2 axes
          got   float32[4, 2]
          help  axes count from 0, or from -1 at the end
        """
      ),
    ]
    for (choice, target, prediction, text) in mistakes {
      let error = #expect(throws: GraphError.self, "\(text)") {
        try RunningMetric(choice, engine: ReferenceEngine()).update(
          Tensor(TensorType(.float32, target), repeating: 0),
          Tensor(TensorType(.float32, prediction), repeating: 0))
      }
      #expect(error?.description == text)
    }
  }
}
