"""What PyTorch makes of the sentences of Examples/Sources/SentenceEmbeddings, and their tokens.

Not for the environment of the other scripts, which has no PyTorch: it needs torch, transformers and
numpy, and the model that `Scripts/datasets all-minilm-l6-v2` fetches, whose folder is the argument.
Also prints how long a batch takes.
"""

import sys
import time
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, BertTokenizerFast

EXAMPLE = Path(__file__).resolve().parents[2] / "Examples" / "Sources" / "SentenceEmbeddings"
LENGTH = 256


def embeddings(sentences, tokenizer, model):
    batch = tokenizer(
        sentences, padding=True, truncation=True, max_length=LENGTH, return_tensors="pt")
    with torch.no_grad():
        states = model(**batch).last_hidden_state
    mask = batch["attention_mask"].unsqueeze(-1).float()
    means = (states * mask).sum(1) / mask.sum(1)
    return torch.nn.functional.normalize(means, dim=1)


if __name__ == "__main__":
    folder = sys.argv[1]
    tokenizer = BertTokenizerFast(str(Path(folder) / "vocab.txt"), do_lower_case=True)
    model = AutoModel.from_pretrained(folder).eval()
    sentences = (EXAMPLE / "sentences.txt").read_text().split("\n")[:-1]
    result = embeddings(sentences, tokenizer, model).numpy()
    # The same one by one: padding changes nothing.
    for sentence, row in zip(sentences, result):
        assert np.abs(embeddings([sentence], tokenizer, model).numpy() - row).max() < 1e-6
    tokens = [" ".join(tokenizer.convert_ids_to_tokens(tokenizer(sentence).input_ids))
              for sentence in sentences]
    (EXAMPLE / "tokens.txt").write_text("\n".join(tokens) + "\n")
    np.save(EXAMPLE / "embeddings.npy", result.astype("<f4"))
    print(f"{result.shape}, of {model.config.num_hidden_layers} layers", file=sys.stderr)

    batch = (sentences * 64)[:64]
    for _ in range(3):
        start = time.perf_counter()
        embeddings(batch, tokenizer, model)
        seconds = time.perf_counter() - start
    print(f"64 sentences in {1000 * seconds:.0f} ms, {torch.get_num_threads()} threads",
          file=sys.stderr)
