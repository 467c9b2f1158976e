import Strata
import Testing

@Suite("Snapshot of a picture")
struct VisualizationSnapshotTests {
  @Test("A tiny network is drawn as it was")
  func tiny() throws {
    let model = try Model(input: [2], name: "tiny") {
      Dense(1, activation: .sigmoid, name: "d")
    }
    try model.setWeights([
      "d/kernel": Tensor([2, 1], [1, -0.5] as [Float]), "d/bias": Tensor([1], [0.25] as [Float]),
    ])
    let svg = try model.plot(
      sample: Tensor([2], [1, -2] as [Float]), inputNames: ["a", "b"], outputNames: ["y"])
    let start = try #require(svg.firstRange(of: "</style>\n")?.upperBound)
    #expect(svg[start...] == snapshot)
  }
}

/// The picture after its style sheet.
private let snapshot = """
  <rect width="100%" height="100%" fill="white"/>
  <text class="title" x="24" y="38" text-anchor="start">tiny</text>
  <text class="subtitle" x="24" y="60" text-anchor="start">units: 2 – 1</text>
  <line class="weight" x1="120" y1="224" x2="370" y2="180" stroke="#d55e00" stroke-width="2.90" stroke-opacity="0.85"><title>input_layer 1 → d 0: -0.5000</title></line>
  <line class="weight" x1="120" y1="136" x2="370" y2="180" stroke="#0072b2" stroke-width="5.00" stroke-opacity="0.85"><title>input_layer 0 → d 0: 1.0000</title></line>
  <rect class="plate" x="153.7" y="137.9" width="28.6" height="13" rx="3"/>
  <text class="number positive" x="168" y="148.4" text-anchor="middle">1.00</text>
  <rect class="plate" x="150.6" y="209.1" width="34.8" height="13" rx="3"/>
  <text class="number negative" x="168" y="219.6" text-anchor="middle">-0.50</text>
  <circle class="unit" cx="120" cy="136" r="24" fill="#b3d5e8"><title>a: 1.0000</title></circle>
  <text class="value" x="120" y="140" text-anchor="middle">1.00</text>
  <text class="label" x="86" y="140" text-anchor="end">a</text>
  <circle class="unit" cx="120" cy="224" r="24" fill="#e69e66"><title>b: -2.0000</title></circle>
  <text class="value" x="120" y="228" text-anchor="middle">-2.00</text>
  <text class="label" x="86" y="228" text-anchor="end">b</text>
  <circle class="unit" cx="370" cy="180" r="24" fill="#66aad1"><title>y: 0.9047</title></circle>
  <text class="value" x="370" y="184" text-anchor="middle">0.90</text>
  <text class="label" x="404" y="184" text-anchor="start">y</text>
  <text class="bias" x="370" y="217" text-anchor="middle">bias 0.25</text>
  <text class="name" x="120" y="294" text-anchor="middle">input_layer</text>
  <text class="kind" x="120" y="312" text-anchor="middle">Input</text>
  <text class="detail" x="120" y="330" text-anchor="middle">2 units</text>
  <text class="detail" x="120" y="348" text-anchor="middle">(None, 2)</text>
  <text class="name" x="370" y="294" text-anchor="middle">d</text>
  <text class="kind" x="370" y="312" text-anchor="middle">Dense, sigmoid</text>
  <text class="detail" x="370" y="330" text-anchor="middle">1 unit</text>
  <text class="detail" x="370" y="348" text-anchor="middle">(None, 1)</text>
  <rect x="24" y="382" width="26" height="4" fill="#0072b2"/>
  <text class="detail" x="58" y="388" text-anchor="start">positive weight</text>
  <rect x="182.8" y="382" width="26" height="4" fill="#d55e00"/>
  <text class="detail" x="216.8" y="388" text-anchor="start">negative weight</text>
  <text class="detail" x="341.6" y="388" text-anchor="start">the wider, the larger in its layer</text>
  <rect x="31" y="400" width="12" height="12" rx="6" fill="#66aad1" stroke="#444444"/>
  <text class="detail" x="58" y="410" text-anchor="start">positive activation</text>
  <rect x="216.7" y="400" width="12" height="12" rx="6" fill="#e69e66" stroke="#444444"/>
  <text class="detail" x="243.7" y="410" text-anchor="start">negative activation</text>
  <text class="detail" x="395.4" y="410" text-anchor="start">the darker, the larger in its layer</text>
  </svg>

  """
