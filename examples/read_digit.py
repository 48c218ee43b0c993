"""Reads the digit on a picture with an exported network. read_digit.cpp and read_digit.c are the same program.

python examples/read_digit.py digits.tenon picture.png
"""

import sys

import tenon as tn


def main(model: str, picture: str) -> None:
    program = tn.load_program(model)
    answer = program(tn.io.read_image(picture))
    scores, probabilities = answer["scores"][0], answer["probabilities"][0]
    digit = probabilities.argmax().item()
    print(f"{program.labels[digit]}  {probabilities[digit].item():.4f}")
    print("scores", *(f"{score:.9g}" for score in scores.tolist()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
