"""Golden values of the embedding regression, in plain Python and double precision, from the formula alone.

loss = mean over i of 1 - cos(W s_i + b, t_i - m), m given; gradients by hand:
d cos(p, u) / d p = (u/|u| - cos p/|p|) / |p|.  A row without a direction has cosine 0 and slope u/|u|.

    python3 embedding_regression.py ../cases
"""
import json, math, random, struct, sys


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def rows(rng, n, d, scale=1.0, shift=0.0):
    return [[f32(shift + scale * rng.gauss(0, 1)) for _ in range(d)] for _ in range(n)]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def case(student, teacher, mean, weight, bias):
    n, d, e = len(student), len(student[0]), len(mean)
    each, gs, gw, gb = [], [], [[0.0] * d for _ in range(e)], [0.0] * e
    for s, t in zip(student, teacher):
        p = [dot(weight[k], s) + bias[k] for k in range(e)]
        u = [t[k] - mean[k] for k in range(e)]
        lp, lu = math.sqrt(dot(p, p)), math.sqrt(dot(u, u))
        uu = [x / lu for x in u] if lu > 0 else [0.0] * e
        if lp > 0:
            cos = dot(p, uu) / lp
            gp = [-(uu[k] - cos * p[k] / lp) / lp / n for k in range(e)]
        else:
            cos, gp = 0.0, [-uu[k] / n for k in range(e)]
        each.append(1 - cos)
        gs.append([sum(gp[k] * weight[k][j] for k in range(e)) for j in range(d)])
        for k in range(e):
            gb[k] += gp[k]
            for j in range(d):
                gw[k][j] += gp[k] * s[j]
    return each, gs, gw, gb


def write(path, name, student, teacher, mean, weight, bias, note):
    each, gs, gw, gb = case(student, teacher, mean, weight, bias)
    flat = lambda m: [x for r in m for x in r]
    tensors = {
        "student_raw": ("F32", [len(student), len(student[0])], flat(student)),
        "teacher_raw": ("F32", [len(teacher), len(teacher[0])], flat(teacher)),
        "mean": ("F32", [len(mean)], mean),
        "weight": ("F32", [len(weight), len(weight[0])], flat(weight)),
        "bias": ("F32", [len(bias)], bias),
        "loss": ("F64", [1], [sum(each) / len(each)]),
        "loss_each": ("F32", [len(each)], each),
        "grad_student_raw": ("F32", [len(gs), len(gs[0])], flat(gs)),
        "grad_weight": ("F32", [len(gw), len(gw[0])], flat(gw)),
        "grad_bias": ("F32", [len(gb)], gb),
    }
    header, data = {"__metadata__": {
        "case": name, "formula": "mean_i 1 - cos(W s_i + b, t_i - m)", "notes": note, "hparams": "{}",
        "tolerance": json.dumps({"value_rel": 1e-5, "grad_rel": 1e-4, "abs_if_golden_is_zero": 1e-7})}}, b""
    for key, (kind, shape, values) in tensors.items():
        blob = struct.pack("<%d%s" % (len(values), "d" if kind == "F64" else "f"), *values)
        header[key] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(blob)]}
        data += blob
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path + "/" + name + ".safetensors", "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + data)


def main(folder):
    rng = random.Random(20261127)
    student, teacher = rows(rng, 11, 6, 1.5), rows(rng, 11, 9, 1, 2)
    mean = [f32(2 + 0.1 * rng.gauss(0, 1)) for _ in range(9)]
    weight, bias = rows(rng, 9, 6, 0.4), rows(rng, 1, 9, 0.3)[0]
    write(folder, "embedding_regression", student, teacher, mean, weight, bias, "")
    zeros = [0.0] * 9
    student, teacher = rows(rng, 5, 6), rows(rng, 5, 9)
    student[1], teacher[3] = [0.0] * 6, list(mean)
    write(folder, "embedding_regression_zero", student, teacher, mean, weight, zeros,
          "student row 1 is projected to 0, teacher row 3 is the mean: both have cosine 0 and finite slopes")


main(sys.argv[1])
