"""The attention sequence-to-sequence models in PyTorch, written straight from their formulas.

One pair of sentences at a time: no batch, no padding, no masks, nothing hoisted or fused. Slow, and easy to believe.
Autograd gives the gradients. Shapes stand in brackets; vectors are rows and [a; b] concatenates them.

    S source length with </s>     T target length with </s>      E embedding size        A attention size
    H encoder hidden, a direction D one encoder state (2H or H)  Q decoder hidden size   V target vocabulary

The equations, by the numbers used below:

    (1)  x_i = Emb_src[w_i]                                                      source w_1 ... w_n </s>
    (2)  h_i = [forward_i; backward_i] of the top encoder layer                  Bahdanau et al. 2015, section 3.2
    (3)  tanh:  h' = tanh(W_ih x + b_ih + W_hh h + b_hh)                         Elman 1990
    (4)  gru:   h' = (1 - z) n + z h,  n = tanh(W_in x + b_in + r (W_hn h + b_hn))   Cho et al. 2014
    (5)  lstm:  c' = f c + i g,  h' = o tanh(c')                                 Hochreiter and Schmidhuber 1997
    (6)  s_0 = 0, or tanh(W [forward_n; backward_1] + b), or tanh(W mean_i(h_i) + b), or the encoder's final states
    (7)  a_t = weights(score(q_t, h_i)), score and scope as below                Luong et al. 2015, sections 3.1 and 3.2
    (8)  c_t = sum_i a_t(i) h_i
    (9)  s_t = RNN([Emb_tgt[y_{t-1}]; extra], s_{t-1})   extra: the last readout (luong) or c_t (bahdanau)
    (10) readout_t = tanh(W_c [c_t; s_t])                luong; bahdanau, cgru, deep_output append Emb_tgt[y_{t-1}]
    (11) log p(y_t) = log softmax(W_o readout_t + b_o)
    (12) layers above the first, when residual:  o^l = RNN_l(o^{l-1}) + o^{l-1};  recurrent states stay without the sum
    (13) cgru, layer 0:  s'_t = GRU_1(Emb_tgt[y_{t-1}], s_{t-1}), a_t from query s'_t, s_t = GRU_2(c_t, s'_t), whatever
         the flow; the two are torch.nn.GRUCell                              Sennrich et al. 2017
    (14) y = gain (x - mean) / sqrt(variance + 1e-5) + bias, with `layer_norm`    Ba et al. 2016, eq. 4; see layer_norm
    (24) U f_i inside the same tanh, f = F * a_{t-1}: K filters F over the weights of the step before, zeros outside
         (torch.nn.functional.conv1d); before the first step they stand on the first position   Chorowski et al. 2015, eq. 8
    (15) C_t,i = C_{t-1},i + a_t(i) / f_i, C_0 = 0: f_i = 1 (`coverage` count) or 2 sigmoid(u . h_i) (fertility);
         C_{t-1},i w inside the tanh of concat and additive              Tu et al. 2016, section 3
    (16) with `act`, for a token: s^0 = s_{t-1}, s^n = RNN([x; 1 if n = 1 else 0], s^{n-1}), h^n = sigmoid(w . s^n + b),
         N the first n with sum h >= 1 - epsilon, or max_steps; s_t = sum_{n<N} h^n s^n + R s^N, R = 1 - sum_{n<N} h^n;
         it costs N + R                                                      Graves 2016, eq. 5 to 13
"""
import math
from typing import NamedTuple

import hard
import ntm
import torch
from torch.nn import functional as F

PAD, BOS, EOS, UNK = 0, 1, 2, 3
N_GATES = {"tanh": 1, "gru": 3, "lstm": 4, "cgru": 3}


class Carried(NamedTuple):
    """What goes from look to look."""

    coverage: torch.Tensor  # [S]
    weights: torch.Tensor  # [heads, S]
    matches: tuple = ()  # of aoa: what each state so far matches, [S]


class Look(NamedTuple):
    weights: torch.Tensor  # [S]
    context: torch.Tensor  # [D]
    centre: float  # or None
    carried: Carried  # after it


class Output(NamedTuple):
    logprob: torch.Tensor  # [T] log p of each target token and of </s>
    alignment: torch.Tensor  # [T, S]
    centre: list  # [T] numbers: where a local scope looks, empty for global
    logits: torch.Tensor  # [T, V]


# Tensors ------------------------------------------------------------------------------------------------------------


def state_size(m):
    """D of a model config m."""
    if m["encoder"].get("type", "rnn") != "rnn":
        return m["embedding"]
    return m["encoder"]["hidden"] * (2 if m["encoder"]["bidirectional"] else 1)


def directions(m):
    return ["", "_reverse"] if m["encoder"]["bidirectional"] else [""]


def look(m):
    """When a decoder looks at the source: "after" moving, "before", or "between" the two cells of a cgru."""
    if m["decoder"]["cell"] == "cgru":
        return "between"
    return {"luong": "after", "bahdanau": "before"}[m["attention"]["flow"]]


def is_deep(m):
    """Whether the readout reads the embedding (10)."""
    return look(m) != "after" or m["decoder"].get("deep_output", False)


def ponders(m, place):
    """The most steps a token of a side, 0: it does not ponder."""
    return m[place].get("act", {}).get("max_steps", 0)


def rnn_shapes(place, layer, cell, n_in, n_hidden, steps=0):
    rows, n_in = N_GATES[cell] * n_hidden, n_in + (1 if steps else 0)
    halt = {f"{place}.rnn.halt_{layer}.weight": (1, n_hidden), f"{place}.rnn.halt_{layer}.bias": (1,)}
    return {
        **(halt if steps else {}),
        f"{place}.rnn.weight_ih_{layer}": (rows, n_in),
        f"{place}.rnn.weight_hh_{layer}": (rows, n_hidden),
        f"{place}.rnn.bias_ih_{layer}": (rows,),
        f"{place}.rnn.bias_hh_{layer}": (rows,),
    }


def norm_shapes(name, size):
    return {f"{name}.weight": (size,), f"{name}.bias": (size,)}


def rnn_norm_shapes(place, layer, cell, n_hidden):
    shapes = {}
    for part in ("ih", "hh"):
        shapes.update(norm_shapes(f"{place}.rnn.norm_{part}_{layer}", N_GATES[cell] * n_hidden))
    return {**shapes, **(norm_shapes(f"{place}.rnn.norm_c_{layer}", n_hidden) if cell == "lstm" else {})}


def all_norm_shapes(m):
    """The tensors that `layer_norm` adds."""
    enc, dec, att = m["encoder"], m["decoder"], m["attention"]
    shapes = norm_shapes("decoder.norm_combine", dec["hidden"])
    for layer in range(enc["layers"]):
        for direction in directions(m):
            shapes.update(rnn_norm_shapes("encoder", f"l{layer}{direction}", enc["cell"], enc["hidden"]))
    for layer in range(dec["layers"]):
        shapes.update(rnn_norm_shapes("decoder", f"l{layer}", dec["cell"], dec["hidden"]))
    if look(m) == "between":
        shapes.update(rnn_norm_shapes("decoder", "l0_context", dec["cell"], dec["hidden"]))
    for part in ("query", "key") if att["score"] in ("concat", "additive") else ():
        shapes.update(norm_shapes(f"attention.norm_{part}", att["size"]))
    return shapes


def attention_shapes(m):
    att, Q, D = m["attention"], m["decoder"]["hidden"], state_size(m)
    A = att["size"]
    shapes = {
        "dot": {},
        "scaled_dot": {},
        "general": {"general.weight": (Q, D)},
        "concat": {"concat.weight": (A, Q + D), "v": (A,)},
        "additive": {"query.weight": (A, Q), "key.weight": (A, D), "key.bias": (A,), "v": (A,)},
        "location": {"location.weight": (att.get("max_positions"), Q)},
        "cosine": {"query.weight": (D, Q), "query.bias": (D,), "strength.weight": (1, Q), "strength.bias": (1,)},
        **{kernel: {} if att.get("width") else {"width": (1,)} for kernel in KERNELS},
        "average": {},
        "aoa": {},
    }[att["score"]]
    shapes.update(ntm.shapes(1, Q, att))
    if att["scope"] == "local_p":
        shapes.update({"position.weight": (A, Q), "position_v": (A,)})
    if att.get("coverage", "none") != "none":
        shapes["coverage.weight"] = (A,)
    if att.get("coverage") == "fertility":
        shapes["fertility.weight"] = (D,)
    conv = att.get("conv", {"filters": 0})
    if conv["filters"]:
        shapes.update({"conv.weight": (conv["filters"], conv["width"]), "conv.project.weight": (A, conv["filters"])})
    return {"attention." + name: shape for name, shape in shapes.items()}


def encoder_shapes(m):
    """The recurrent encoder's tensors."""
    enc, D, shapes = m["encoder"], state_size(m), {}
    for layer in range(enc["layers"]):
        for direction in directions(m):
            n_in = m["embedding"] if layer == 0 else D
            shapes.update(rnn_shapes("encoder", f"l{layer}{direction}", enc["cell"], n_in, enc["hidden"], ponders(m, "encoder")))
    return shapes


def decoder_shapes(m, C):
    """The recurrent decoder's tensors, attention's left out; C: size of a context."""
    dec, E, D, Q, when, shapes = m["decoder"], m["embedding"], state_size(m), m["decoder"]["hidden"], look(m), {}
    extra = {"after": Q if m["attention"]["input_feeding"] else 0, "before": C, "between": 0}[when]
    for layer in range(dec["layers"]):
        shapes.update(rnn_shapes("decoder", f"l{layer}", dec["cell"], E + extra if layer == 0 else Q, Q, ponders(m, "decoder")))
        if dec["init"] in ("last", "mean"):
            shapes.update({f"decoder.init.{layer}.weight": (Q, D), f"decoder.init.{layer}.bias": (Q,)})
    if when == "between":
        shapes.update(rnn_shapes("decoder", "l0_context", "cgru", C, Q, ponders(m, "decoder")))
    shapes["decoder.combine.weight"] = (Q, C + Q + (E if is_deep(m) else 0))
    return shapes


def word_shapes(m, n_source, n_target, readout):
    """Embeddings and output layer."""
    tie, E = m["tie_embeddings"], m["embedding"]
    shapes = {"decoder.embedding.weight": (n_target, E)}
    if tie != "all":
        shapes["encoder.embedding.weight"] = (n_source, E)
    if tie == "none":
        shapes["decoder.output.weight"] = (n_target, readout)
    shapes["decoder.output.bias"] = (n_target,)
    return shapes


def tensor_shapes(m, n_source, n_target):
    """Name -> shape of every tensor of a model file; m is the config's `model` object, the others are row counts."""
    shapes = word_shapes(m, n_source, n_target, m["decoder"]["hidden"])
    shapes.update({**encoder_shapes(m), **attention_shapes(m), **decoder_shapes(m, state_size(m))})
    if m.get("layer_norm", False):
        shapes.update(all_norm_shapes(m))
    return shapes


# Layer normalisation ------------------------------------------------------------------------------------------------


def layer_norm(tensors, name, x, groups=1):
    """(14) of a vector, or of each row of a matrix: equal groups, the gates of a cell, are normalised apart."""
    if f"{name}.weight" not in tensors:
        return x
    parts = x.reshape(*x.shape[:-1], groups, -1)
    unit = torch.nn.functional.layer_norm(parts, parts.shape[-1:], eps=1e-5).reshape(x.shape)
    return unit * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]


# Recurrent cells: x [3H] or alike is W_ih x + b_ih, r is W_hh h + b_hh; a state is (h,) or (h, c), each [H]; norm is
# what c passes on its way to h -------------------------------------------------------------------------------------


def cell_tanh(x, r, state, norm):
    return (torch.tanh(x + r),)  # (3)


def cell_gru(x, r, state, norm):
    x_r, x_z, x_n = x.chunk(3)
    r_r, r_z, r_n = r.chunk(3)
    reset, z = torch.sigmoid(x_r + r_r), torch.sigmoid(x_z + r_z)
    n = torch.tanh(x_n + reset * r_n)
    return ((1 - z) * n + z * state[0],)  # (4)


def cell_lstm(x, r, state, norm):
    i, f, g, o = (x + r).chunk(4)
    c = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
    return (torch.sigmoid(o) * torch.tanh(norm(c)), c)  # (5)


CELLS = {"tanh": cell_tanh, "gru": cell_gru, "lstm": cell_lstm}
DECODER_CELLS = {**CELLS, "cgru": cell_gru}


# Scores (7): q [Q], h [S, D] -> e [S]; w holds the tensors under `attention.` ---------------------------


def joined(w, carried):
    """(15) and (24): what coverage or the last weights add inside a tanh: [S, A], or nothing."""
    if "conv.weight" in w:
        filters = w["conv.weight"][:, None]  # [K, 1, 2r + 1]
        found = F.conv1d(carried.weights[:, None], filters, padding=filters.shape[2] // 2)[0]  # [K, S]
        return found.T @ w["conv.project.weight"].T
    return torch.outer(carried.coverage, w["coverage.weight"]) if "coverage.weight" in w else 0


def score_dot(w, q, h, carried):
    return h @ q  # q . h_i


def score_scaled_dot(w, q, h, carried):
    return h @ q / math.sqrt(len(q))  # Vaswani et al. 2017, eq. 1


def score_general(w, q, h, carried):
    return h @ w["general.weight"].T @ q  # q . (W h_i), Luong et al. 2015, section 3.1


def score_concat(w, q, h, carried):
    w_q, w_h = w["concat.weight"][:, : len(q)], w["concat.weight"][:, len(q) :]
    query, keys = layer_norm(w, "norm_query", w_q @ q), layer_norm(w, "norm_key", h @ w_h.T)
    return torch.tanh(query + keys + joined(w, carried)) @ w["v"]  # v . tanh(W [q; h_i]), Luong et al. 2015, section 3.1


def score_additive(w, q, h, carried):
    keys = layer_norm(w, "norm_key", h @ w["key.weight"].T + w["key.bias"])  # [S, A]
    query = layer_norm(w, "norm_query", w["query.weight"] @ q)
    # Bahdanau et al. 2015, appendix A.1.2, and a bias
    return torch.tanh(query + keys + joined(w, carried)) @ w["v"]


def score_location(w, q, h, carried):
    return (w["location.weight"] @ q)[: len(h)]  # (W q)_i, Luong et al. 2015, section 3.1


KERNELS = ("gaussian", "boxcar", "triangular", "epanechnikov")
EDGE = 0  # golden.py refuses cases with a distance as near to the end of a kernel's reach


class AtEdge(SystemExit):
    """A case whose windows rounding could change."""


def log_kernel(kind, square):
    """log K(u) of u^2 [..., S], Nadaraya 1964 and Watson 1964; out of reach there is no weight, but
    for the nearest where nothing is in reach."""
    if kind == "gaussian":
        return -0.5 * square
    if ((square.detach().sqrt() - 1).abs() < EDGE).any():
        raise AtEdge(f"{kind}: a distance at the end of its reach; change the batch")
    inside = square <= 1 if kind == "boxcar" else square < 1
    near = square.where(inside, torch.full_like(square, 0.25))
    e = {"boxcar": near * 0, "triangular": torch.log(1 - near.sqrt()), "epanechnikov": torch.log(1 - near)}[kind]
    # So far below all that is in reach that only where a window holds nothing else the nearest is left.
    return e.where(inside, -1e9 * square.detach())


def kernel(kind):
    def score(w, q, h, carried):
        return log_kernel(kind, w["width"] ** 2 * ((q - h) ** 2).sum(1))

    return score


def score_average(w, q, h, carried):
    return torch.zeros(len(h), dtype=h.dtype)  # average pooling


def score_cosine(w, q, h, carried):
    strength = w["strength.weight"][0] @ q + w["strength.bias"][0]
    return ntm.cosine(w["query.weight"] @ q + w["query.bias"], h, strength)


def over(matches):
    """Attention over attention (Cui et al. 2017, eq. 2 to 6): matches [k, m] of k queries and m positions -> weights [m]."""
    alpha, beta = torch.softmax(matches, 1), torch.softmax(matches, 0)
    return beta.mean(1) @ alpha


SCORES = {
    "dot": score_dot,
    "scaled_dot": score_scaled_dot,
    "general": score_general,
    "concat": score_concat,
    "additive": score_additive,
    "location": score_location,
    "gaussian": kernel("gaussian"),
    "cosine": score_cosine,
    **{kind: kernel(kind) for kind in KERNELS[1:]},
    "average": score_average,
}


# Scopes (7): e [S], decoder step t from 0 -> weights [S] and the centre of the window -------------------------------


def softmax_within(e, centre, window):
    """Softmax over the positions i with |i - centre| <= window, 0 elsewhere; the edge itself has no gradient."""
    distance = (torch.arange(len(e), dtype=e.dtype) - float(centre)).abs()
    return torch.softmax(e.masked_fill(distance > window, -math.inf), 0)


def scope_global(w, q, e, t, window):
    return torch.softmax(e, 0), None


def scope_local_m(w, q, e, t, window):
    centre = min(t, len(e) - 1)
    return softmax_within(e, centre, window), centre


def scope_local_p(w, q, e, t, window):
    p = len(e) * torch.sigmoid(w["position_v"] @ torch.tanh(w["position.weight"] @ q))  # Luong et al. 2015, eq. 9
    sigma = window / 2
    bell = torch.exp(-((torch.arange(len(e), dtype=e.dtype) - p) ** 2) / (2 * sigma**2))
    return softmax_within(e, p.detach(), window) * bell, p.item()  # eq. 10; the sum of the weights stays below 1


SCOPES = {"global": scope_global, "local_m": scope_local_m, "local_p": scope_local_p}


# Guided alignment: the weights of one sentence [T, S] against the source positions each target token is linked to --------


def guided_loss(alignment, links, kind):
    """Chen et al. 2016, eq. 5 and 6, summed over target tokens; those without links do not count."""
    total = torch.zeros((), dtype=alignment.dtype)
    for a, linked in zip(alignment, links, strict=True):
        if not linked:
            continue
        wanted = torch.zeros_like(a)
        wanted[linked] = 1 / len(linked)
        if kind == "mse":
            total = total + 0.5 * ((wanted - a) ** 2).sum()
        else:
            total = total - (wanted * torch.log(a + 1e-6)).sum()  # the constant is Marian's
    return total


# Adaptive computation time (16) ------------------------------------------------------------------------------------------


def halt(act, think, costs, place):
    """think(n) takes step n, from 0, and gives the unit that halts [1] -> the shares of the steps; the cost is appended."""
    left, shares = torch.ones(1, dtype=torch.float64), []
    while True:
        h = torch.sigmoid(think(len(shares)))
        if 1 - left + h >= 1 - act["epsilon"] or len(shares) + 1 == act["max_steps"]:
            costs.append((place, len(shares) + 1 + left))
            return shares + [left]
        shares.append(h)
        left = left - h


# The network --------------------------------------------------------------------------------------------------------


class Model:
    """A model from the config's `model` object m and its tensors: a dictionary name -> tensor, as in the file."""

    shapes = staticmethod(tensor_shapes)
    keys = None  # [S, D] what scores compare queries with; None: h

    def __init__(self, m, tensors):
        n_target = len(tensors["decoder.embedding.weight"])
        n_source = len(tensors.get("encoder.embedding.weight", tensors["decoder.embedding.weight"]))
        want = self.shapes(m, n_source, n_target)
        have = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
        if want != have:
            odd = dict(sorted(set(want.items()) ^ set(have.items())))
            raise ValueError(f"the tensors are not those of the config, see {odd}")
        self.m, self.T = m, tensors
        in_attention = (name for name in tensors if name.startswith("attention."))
        self.attention_tensors = {name.removeprefix("attention."): tensors[name] for name in in_attention}
        if m["attention"].get("width"):
            self.attention_tensors["width"] = m["attention"]["width"]

    def tensor(self, name):
        """A tensor by name; a tied one is stored under the decoder embedding's name."""
        return self.T[name] if name in self.T else self.T["decoder.embedding.weight"]

    def zero_state(self, place):
        zero = torch.zeros(self.m[place]["hidden"], dtype=self.T["decoder.output.bias"].dtype)
        return (zero, zero) if self.m[place]["cell"] == "lstm" else (zero,)

    def cell(self, place, layer, x, state):
        """One step of one layer: x [in], state of [H] vectors -> the new state."""
        if not ponders(self.m, place):
            return self.once(place, layer, x, state)
        name, states, flag = f"{place}.rnn.halt_{layer}", [state], torch.ones(1, dtype=x.dtype)

        def think(n):
            states.append(self.once(place, layer, torch.cat([x, flag if n == 0 else 0 * flag]), states[-1]))
            return self.T[f"{name}.weight"] @ states[-1][0] + self.T[f"{name}.bias"]

        shares = halt(self.m[place]["act"], think, self.costs, place)
        return tuple(sum(p * s for p, s in zip(shares, part)) for part in zip(*states[1:]))

    def once(self, place, layer, x, state):
        """The cell itself."""
        w_ih, w_hh, b_ih, b_hh = (
            self.T[f"{place}.rnn.{kind}_{layer}"] for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        kind = self.m[place]["cell"]
        norm = lambda part, y, groups: layer_norm(self.T, f"{place}.rnn.norm_{part}_{layer}", y, groups)
        of_x = norm("ih", w_ih @ x + b_ih, N_GATES[kind])
        of_h = norm("hh", w_hh @ state[0] + b_hh, N_GATES[kind])
        return DECODER_CELLS[kind](of_x, of_h, state, lambda c: norm("c", c, 1))

    def run_direction(self, layer, direction, xs):
        """One encoder layer in one direction over xs [S, in] -> outputs [S, H] and the final state."""
        state, outputs = self.zero_state("encoder"), []
        for x in reversed(xs) if direction else xs:
            state = self.cell("encoder", f"l{layer}{direction}", x, state)
            outputs.append(state[0])
        return torch.stack(outputs[::-1] if direction else outputs), state

    def encode(self, source):
        """Ids with </s> -> h [S, D] and for each layer its final state, directions concatenated: D-vectors."""
        xs = self.tensor("encoder.embedding.weight")[source]  # (1) [S, E]
        finals = []
        for layer in range(self.m["encoder"]["layers"]):
            runs = [self.run_direction(layer, d, list(xs)) for d in directions(self.m)]
            out = torch.cat([outputs for outputs, _ in runs], 1)  # (2) [S, D]
            finals.append(tuple(torch.cat(parts) for parts in zip(*(state for _, state in runs))))
            xs = out + xs if self.m["encoder"]["residual"] and layer > 0 else out  # (12)
        return xs, finals

    def start(self, h, finals):
        """(6): the decoder's state before its first step, one a layer."""
        init = self.m["decoder"]["init"]
        if init == "copy":
            return finals
        states = [self.zero_state("decoder") for _ in range(self.m["decoder"]["layers"])]
        if init == "zero":
            return states
        summary = finals[-1][0] if init == "last" else h.mean(0)  # [D]
        for layer, zero in enumerate(states):
            s = torch.tanh(self.T[f"decoder.init.{layer}.weight"] @ summary + self.T[f"decoder.init.{layer}.bias"])
            states[layer] = (s,) + zero[1:]
        return states

    def attend(self, q, h, t, carried):
        """(7), (8), (15) and (20) to (23): query [Q], h [S, D]."""
        att, w = self.m["attention"], self.attention_tensors
        keys = h if self.keys is None else self.keys
        matches = (*carried.matches, keys @ q) if att["score"] == "aoa" else ()
        e = over(torch.stack(matches)).log() if matches else SCORES[att["score"]](w, q, keys, carried)
        a, centre = SCOPES[att["scope"]](w, q, e, t, att["window"])
        if att.get("focus", "soft") == "ntm":
            a = ntm.weigh(w, att, q, a[None], carried.weights)[0]
        c = a @ h
        if hard.is_hard(att):
            local = att["scope"] == "local_p"
            p = len(e) * torch.sigmoid(w["position_v"] @ torch.tanh(w["position.weight"] @ q)) if local else None
            a = hard.weigh(att, e, a, p)
            c = hard.context(att, a, h)
        fertility = 2 * torch.sigmoid(h @ w["fertility.weight"]) if att.get("coverage") == "fertility" else 1
        return Look(a, c, centre, Carried(carried.coverage + a / fertility, a[None], matches))

    def move(self, x, states):
        """(9): one step of all decoder layers -> the top layer's output [Q] and the new states."""
        return self.move_above(self.cell("decoder", "l0", x, states[0]), states)

    def move_above(self, bottom, states):
        """The same from the new state of layer 0 on."""
        x, new = bottom[0], [bottom]
        for layer, state in enumerate(states[1:], 1):
            new.append(self.cell("decoder", f"l{layer}", x, state))
            o = new[-1][0]
            x = o + x if self.m["decoder"]["residual"] else o  # (12)
        return x, new

    def combine(self, c, s, emb):
        """(10): context [D], state [Q], embedding [E] -> the readout [Q]."""
        self.beside = s, emb
        parts = [c, s, emb] if is_deep(self.m) else [c, s]
        sums = self.T["decoder.combine.weight"] @ torch.cat(parts)
        return torch.tanh(layer_norm(self.T, "decoder.norm_combine", sums))

    def step_luong(self, emb, states, readout, h, t, carried):
        """Look after moving."""
        feed = self.m["attention"]["input_feeding"]
        s, states = self.move(torch.cat([emb, readout]) if feed else emb, states)
        seen = self.attend(s, h, t, carried)
        return self.combine(seen.context, s, emb), states, seen

    def step_bahdanau(self, emb, states, readout, h, t, carried):
        """Look before moving; the query is the top layer's recurrent state."""
        seen = self.attend(states[-1][0], h, t, carried)
        s, states = self.move(torch.cat([emb, seen.context]), states)
        return self.combine(seen.context, s, emb), states, seen

    def step_cgru(self, emb, states, readout, h, t, carried):
        """(13): look between the two GRUs of layer 0."""
        query = self.cell("decoder", "l0", emb, states[0])
        seen = self.attend(query[0], h, t, carried)
        s, states = self.move_above(self.cell("decoder", "l0_context", seen.context, query), states)
        return self.combine(seen.context, s, emb), states, seen

    def __call__(self, source, target):
        """Teacher forcing. source and target: lists of ids without </s> -> Output; what pondering costs is in costs."""
        self.costs = []
        h, finals = self.encode(source + [EOS])
        states, readout = self.start(h, finals), self.zero_state("decoder")[0]
        heads = 1 if self.m["attention"].get("pattern", "none") == "none" else self.m["attention"]["heads"]
        carried = Carried(torch.zeros(len(h), dtype=h.dtype), ntm.start(self.m["attention"], heads, len(h), h.dtype))
        step = {"after": self.step_luong, "before": self.step_bahdanau, "between": self.step_cgru}[look(self.m)]
        logprob, alignment, centres, all_logits = [], [], [], []
        for t, (given, wanted) in enumerate(zip([BOS] + target, target + [EOS])):
            emb = self.T["decoder.embedding.weight"][given]  # [E]
            readout, states, seen = step(emb, states, readout, h, t, carried)
            carried = seen.carried
            logits = self.tensor("decoder.output.weight") @ readout + self.T["decoder.output.bias"]  # [V]
            if hard.mixes(self.m["attention"]):
                alone = torch.stack([self.combine(c, *self.beside) for c in h])  # [S, Q]
                logits = hard.words(seen.weights, alone @ self.tensor("decoder.output.weight").T + self.T["decoder.output.bias"])
            logprob.append(torch.log_softmax(logits, 0)[wanted])  # (11)
            all_logits.append(logits)
            alignment.append(seen.weights)
            if seen.centre is not None:
                centres.append(seen.centre)
        if self.m["attention"].get("aligns") == "read":  # step t aligns y_{t-1}; the first, which has read <s>, </s>
            alignment = alignment[1:] + alignment[:1]
        return Output(torch.stack(logprob), torch.stack(alignment), centres, torch.stack(all_logits))
