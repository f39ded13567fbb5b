# Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
# Second opinions on what the program prints: derivations by SymPy from the definitions, shock times and
# values by mpmath. Speaks TAP. tests/cli/second-opinions.sh runs it where python3 has both.
#
# Each case is written as a case file, given to the program, and its JSON compared with what is computed
# here from the same text. A comparison with a wrong quantity (NEAR_MISS) must fail, or it proves nothing.

import json
import os
import subprocess
import sys

import mpmath
import sympy

CAUSTIC = os.environ["CAUSTIC"]
FOLDER = os.environ["TMPDIR"]
NEAR_MISS = sympy.Rational(10**6 + 1, 10**6)

mpmath.mp.dps = 50
number = 0


def report(title, good, detail=""):
    global number
    number += 1
    print(f"{'ok' if good else 'not ok'} {number} - {title}")
    if not good:
        print(f"# {detail}")
    sys.stdout.flush()


def run(command, name, lines):
    path = os.path.join(FOLDER, name + ".yaml")
    with open(path, "w") as file:
        file.write("\n".join([f"name: {name}"] + lines) + "\n")
    done = subprocess.run([CAUSTIC, command, "--quiet", "--format", "json", path],
                          capture_output=True, text=True, timeout=120, check=False)
    try:
        return json.loads(done.stdout)[0]
    except (ValueError, IndexError) as problem:
        raise RuntimeError(f"status {done.returncode}: {done.stderr or done.stdout}") from problem


# Derivations *************************************************************************************

# name, parameters with domain, inverse metric (None: Euclidean), generators, quotient, section
GROUPS = [
    ("neuron", [("a", 1), ("w", 1)], [["a^2", "0"], ["0", "w^2"]], [["-a", "w"]],
     [("z", "a*w", 1)], ["1", "z"]),
    ("chain", [("w1", 1), ("w2", 1), ("w3", 1)],
     [["w1^2", "0", "0"], ["0", "w2^2", "0"], ["0", "0", "w3^2"]],
     [["w1", "-w2", "0"], ["0", "w2", "-w3"]], [("z", "w1*w2*w3", 1)], ["1", "1", "z"]),
    ("weighted-chain", [("w1", 1), ("w2", 1)], [["3*w1^2", "w1*w2"], ["w1*w2", "2*w2^2"]],
     [["w1", "-w2"]], [("z", "w1*w2", 1)], ["1", "z"]),
    ("rotations", [("x", 0), ("y", 0)], None, [["-y", "x"]], [("z", "x^2 + y^2", 1)], ["sqrt(z)", "0"]),
    ("translations", [("x", 0), ("y", 0), ("w", 0)], None, [["1", "1", "1"]],
     [("z1", "x - y", 0), ("z2", "y - w", 0)], ["z1 + z2", "z2", "0"]),
    ("two-neurons", [("a1", 1), ("w1", 1), ("a2", 1), ("w2", 1)],
     [["a1^2", "0", "0", "0"], ["0", "w1^2", "0", "0"], ["0", "0", "a2^2", "0"], ["0", "0", "0", "w2^2"]],
     [["-a1", "w1", "0", "0"], ["0", "0", "-a2", "w2"]], [("z1", "a1*w1", 1), ("z2", "a2*w2", 1)],
     ["1", "z1", "1", "z2"]),
    ("relu-neuron-2", [("a", 1), ("w1", 1), ("w2", 1)],
     [["a^2", "0", "0"], ["0", "w1^2 + w2^2", "0"], ["0", "0", "w1^2 + w2^2"]],
     [["-a", "w1", "w2"]], [("z1", "a*w1", 1), ("z2", "a*w2", 1)], ["1", "z1", "z2"]),
    ("sphere", [("x", 0), ("y", 0), ("w", 1)],
     [["x^2 + y^2 + w^2", "0", "0"], ["0", "x^2 + y^2 + w^2", "0"], ["0", "0", "x^2 + y^2 + w^2"]],
     [["x", "y", "w"]], [("z1", "x/w", 0), ("z2", "y/w", 0)], ["z1", "z2", "1"]),
    ("twisted", [("x", 0), ("y", 0), ("w", 1)], [["1", "0", "0"], ["0", "1 + x^2", "x*w"], ["0", "x*w", "w^2"]],
     [["0", "0", "w"]], [("z1", "x", 0), ("z2", "y", 0)], ["z1", "z2", "1"]),
    ("axis", [("x", 0), ("y", 0), ("w", 0)], None, [["-y", "x", "0"]],
     [("z1", "x^2 + y^2", 1), ("z2", "w", 0)], ["sqrt(z1)", "0", "z2"]),
]


class Reduction:
    """The quotient's operator from the definitions, nothing of it taken from the program."""

    def __init__(self, parameters, metric, quotient, section):
        self.names = {}
        for name, positive in parameters:
            self.names[name] = sympy.Symbol(name, positive=True) if positive else sympy.Symbol(name, real=True)
        for name, _, positive in quotient:
            self.names[name] = sympy.Symbol(name, positive=True) if positive else sympy.Symbol(name, real=True)
        theta = [self.names[name] for name, _ in parameters]
        self.z = [self.names[name] for name, _, _ in quotient]
        n = len(theta)
        a = sympy.eye(n) if metric is None else sympy.Matrix([[self.read(e) for e in row] for row in metric])
        pi = [self.read(text) for _, text, _ in quotient]
        point = dict(zip(theta, [self.read(e) for e in section]))
        logarithm = sympy.log(a.det())

        def laplacian(f):
            gradient = [sum(a[i, j] * sympy.diff(f, theta[j]) for j in range(n)) for i in range(n)]
            return sum(sympy.diff(gradient[i], theta[i]) - sympy.diff(logarithm, theta[i]) * gradient[i] / 2
                       for i in range(n))

        jacobian = sympy.Matrix(pi).jacobian(theta)
        self.g = (jacobian * a * jacobian.T).subs(point, simultaneous=True).applyfunc(sympy.simplify)
        self.b = [sympy.simplify(laplacian(f).subs(point, simultaneous=True)) for f in pi]
        self.derivatives()

    def read(self, text):
        return sympy.sympify(text.replace("^", "**"), locals=self.names)

    def derivatives(self):
        """Symbols of the derivatives of u, all orders of differentiation the same symbol."""
        self.jet = {}
        words = [()]
        for _ in range(3):
            words = [w + (z.name,) for w in words for z in self.z]
            for w in words:
                key = tuple(sorted(w))
                symbol = sympy.Symbol("u_" + "_".join(key))
                self.names["u_" + "_".join(w)] = self.names["v_" + "_".join(w)] = symbol
                self.jet[key] = symbol
                self.names["v_" + "_".join(w) + "_t"] = sympy.Symbol("u_" + "_".join(key) + "_t")
        for name in ("u_t", "nu", "phi_t"):
            self.names[name] = sympy.Symbol(name)

    def u(self, *z):
        return self.jet[tuple(sorted(x.name for x in z))]

    def total(self, f, z):
        """d/dz of an expression in the coordinates and the derivatives of u."""
        result = sympy.diff(f, z)
        for key, symbol in self.jet.items():
            if f.has(symbol):
                result += sympy.diff(f, symbol) * self.jet[tuple(sorted(key + (z.name,)))]
        return result

    def halves(self):
        z, d = self.z, range(len(self.z))
        square = sum(self.g[i, j] * self.u(z[i]) * self.u(z[j]) for i in d for j in d) / 2
        linear = sum(self.g[i, j] * self.u(z[i], z[j]) for i in d for j in d)
        return square, linear + sum(self.b[i] * self.u(z[i]) for i in d)

    def hamilton_jacobi(self):
        square, linear = self.halves()
        return self.names["u_t"] + square - self.names["nu"] * linear

    def burgers(self, k):
        square, linear = self.halves()
        name = self.z[k].name
        return (self.names[f"v_{name}_t"] + self.total(square, self.z[k])
                - self.names["nu"] * self.total(linear, self.z[k]))

    def geometry(self):
        """Ricci tensor, scalar curvature and weight one-form, by the definitions."""
        z, n, g = self.z, range(len(self.z)), self.g
        metric = g.inv().applyfunc(sympy.cancel)
        symbol = [[[sum(g[k, l] * (sympy.diff(metric[j, l], z[i]) + sympy.diff(metric[i, l], z[j])
                                   - sympy.diff(metric[i, j], z[l])) for l in n) / 2 for j in n] for i in n] for k in n]
        ricci = [[sum(sympy.diff(symbol[i][j][k], z[i]) - sympy.diff(symbol[i][i][k], z[j])
                      + sum(symbol[i][i][m] * symbol[m][j][k] - symbol[i][j][m] * symbol[m][i][k] for m in n)
                      for i in n) for j in n] for k in n]
        scalar = sum(g[k, j] * ricci[k][j] for k in n for j in n)
        raised = [self.b[j] + sum(g[i, k] * symbol[j][i][k] for i in n for k in n) for j in n]
        return ricci, scalar, [sum(metric[i, j] * raised[j] for j in n) for i in n]

    def equation(self, text):
        left, right = text.split("=")
        return self.read(left) - self.read(right)


def same(a, b):
    return sympy.simplify(a - b) == 0


def proportional(a, b):
    """a = c b with c free of the derivatives of u and non-zero."""
    ratio = sympy.simplify(a / b)
    return ratio != 0 and not any(s.name.startswith(("u_", "nu")) for s in ratio.free_symbols)


def derivation(name, parameters, metric, generators, quotient, section):
    def domain(positive):
        return '"(0, inf)"' if positive else '"(-inf, inf)"'

    def texts(row):
        return "[" + ", ".join(f'"{e}"' for e in row) + "]"

    rows = "euclidean" if metric is None else "[" + ", ".join(texts(row) for row in metric) + "]"
    lines = ["parameters:"]
    lines += [f"  - {{name: {n}, domain: {domain(p)}}}" for n, p in parameters]
    lines += ["metric: " + rows, "action: {generators: [" + ", ".join(texts(row) for row in generators) + "]}"]
    lines += ["quotient:"] + [f'  - {{name: {n}, is: "{e}", domain: {domain(p)}}}' for n, e, p in quotient]
    lines += ["section: " + texts(section)]
    if name in ("rotations", "axis"):
        lines += ['stratum: ["x^2 + y^2"]']
    printed = run("derive", name, lines)
    mine = Reduction(parameters, metric, quotient, section)
    d = range(len(quotient))
    g = [[mine.read(e) for e in row] for row in printed["cometric"]]
    report(f"{name}: cometric", all(same(g[i][j], mine.g[i, j]) for i in d for j in d), f"{g} {mine.g}")
    b = [mine.read(e) for e in printed["drift"]]
    report(f"{name}: drift", all(same(b[i], mine.b[i]) for i in d), f"{b} {mine.b}")
    inverse = sympy.Matrix([[mine.read(e) for e in row] for row in printed["metric"]])
    report(f"{name}: metric", all(same(e, f) for e, f in zip(inverse * mine.g, sympy.eye(len(quotient)))), inverse)
    printed_hj = mine.equation(printed["equations"]["hamilton_jacobi"])
    expected = mine.hamilton_jacobi()
    report(f"{name}: Hamilton-Jacobi", proportional(printed_hj, expected), printed["equations"]["hamilton_jacobi"])
    near = expected + (NEAR_MISS - 1) * mine.halves()[0]
    report(f"{name}: a coefficient off by 1e-6 is noticed", not proportional(printed_hj, near))
    printed_burgers = [mine.equation(e) for e in printed["equations"]["burgers"]]
    report(f"{name}: Burgers", len(printed_burgers) == len(quotient)
           and all(proportional(printed_burgers[k], mine.burgers(k)) for k in d), printed["equations"]["burgers"])
    ricci, scalar, weight = mine.geometry()
    report(f"{name}: Ricci tensor", all(same(mine.read(printed["ricci"][i][j]), ricci[i][j]) for i in d for j in d),
           printed["ricci"])
    report(f"{name}: scalar curvature", same(mine.read(printed["scalar_curvature"]), scalar), printed["scalar_curvature"])
    report(f"{name}: weight one-form", all(same(mine.read(printed["weight_gradient"][i]), weight[i]) for i in d),
           printed["weight_gradient"])
    curl = [sympy.diff(weight[i], mine.z[j]) - sympy.diff(weight[j], mine.z[i]) for i in d for j in d]
    report(f"{name}: whether the weight is closed", printed["weight_closed"] == all(same(e, 0) for e in curl),
           printed["weight_closed"])


# Shock times *************************************************************************************

# name, cometric, loss, box
SHOCKS = [
    ("logistic", "2*z^2", "log(1 + exp(-z))", "1/100", "10"),
    ("chain", "3*z^2", "(z - 2)^2/2", "1/100", "3"),
    ("leaf", "sqrt(1/100 + 4*z^2)", "(z - 1)^2/2", "-1", "2"),
    ("tilted-well", "1", "(z^2 - 1)^2/4 + z/5 + z^5/50", "-2", "2"),
    ("edge", "1", "exp(z) - z^4", "-1", "1"),
    ("tanh-fit", "2*z^2", "(tanh(z) - 3/4)^2/2 + (tanh(2*z) - 1/3)^2/2", "1/100", "4"),
    ("curved", "1 + z^2", "sin(2*z) + z^2/7", "-2", "3"),
]


def shock_time(cometric, loss, lower, upper):
    z = sympy.Symbol("z", real=True)
    g, f = (sympy.sympify(e.replace("^", "**"), locals={"z": z}) for e in (cometric, loss))
    h = g * sympy.diff(f, z, 2) + sympy.diff(g, z) * sympy.diff(f, z) / 2
    value, slope, bend = (sympy.lambdify(z, e, "mpmath") for e in (h, sympy.diff(h, z), sympy.diff(h, z, 2)))
    a, b = (mpmath.mpf(sympy.Rational(e).p) / sympy.Rational(e).q for e in (lower, upper))
    count = 4000
    grid = [a + (b - a) * i / count for i in range(count + 1)]
    with mpmath.workdps(15):
        rough = [value(x) for x in grid]
    i = min(range(count + 1), key=lambda k: rough[k])
    if i in (0, count):
        return -1 / value(grid[i])
    x = grid[i]
    for _ in range(60):
        x -= slope(x) / bend(x)
    return -1 / min(value(x), value(a), value(b))


def shock(name, cometric, loss, lower, upper):
    lines = ["parameters:", '  - {name: z, domain: "(-inf, inf)"}']
    if cometric != "1":
        domain = '"(0, inf)"' if not lower.startswith("-") else '"(-inf, inf)"'
        lines = ["parameters:", f"  - {{name: z, domain: {domain}}}", f'metric: [["{cometric}"]]']
    else:
        lines += ["metric: euclidean"]
    lines += [f'loss: "{loss}"', f'shock: {{box: [["{lower}", "{upper}"]], digits: 30}}']
    printed = run("shock", name, lines)
    found = shock_time(cometric, loss, lower, upper)
    low, high = (mpmath.mpf(printed["time"][end]) for end in ("lower", "upper"))
    allowance = found * mpmath.mpf(10)**-40
    report(f"{name}: shock time", printed["verdict"] == "PROVED" and low - allowance <= found <= high + allowance
           and high - low < found * mpmath.mpf(10)**-25, f"{low} {high} {found}")
    report(f"{name}: a time off by 1e-25 lies outside", not low <= found * (1 + mpmath.mpf(10)**-25) <= high)


# Values ******************************************************************************************

def residuals():
    """verify names a point of each altered equation and a lower bound of the residual there, which is a
    simple function of u's derivatives; here they come from mpmath's quadrature."""
    nu = mpmath.mpf(1) / 20
    printed = run("verify", "values", [
        "preset: {kind: relu-chain, depth: 2}", 'loss: "(z - 2)^2/2"',
        'verify: {viscosity: ["1/20"], box: [["1/2", "3"]], time: ["1/10", "1"], tolerance: "1e-30"}'])
    said = {}
    for sentence in printed["altered"]["detail"].split("; "):
        if "residual at least" in sentence:
            what, place = sentence.split(": refuted at z = ")
            z, rest = place.split(", t = ")
            t, bound = rest.split(", residual at least ")
            said[what] = [mpmath.mpf(sympy.Rational(x).p) / sympy.Rational(x).q for x in (z, t)] + [mpmath.mpf(bound)]

    def moments(z, t):
        s, kappa = mpmath.log(z) / mpmath.sqrt(2), 1 / (4 * nu * t)

        def integrand(k):
            return lambda y: ((s - y)**k * mpmath.exp(
                -kappa * (s - y)**2 - (mpmath.exp(mpmath.sqrt(2) * y) - 2)**2 / (4 * nu)))
        width = 12 / mpmath.sqrt(kappa)
        ends = [s - width, s - width / 2, s, s + width / 2, s + width]
        m = [mpmath.quad(integrand(k), ends) for k in range(3)]
        slope = 4 * nu * kappa * m[1] / m[0]                                 # u_s
        bend = -2 * nu * (4 * kappa**2 * m[2] / m[0] - 2 * kappa) + slope**2 / (2 * nu)  # u_ss
        return slope, bend

    def expected(what, z, t):
        slope, bend = moments(z, t)
        if what == "viscosity times 1.01":
            return abs(nu * bend / 100)
        if what == "factor 1/2 dropped":
            return slope**2 / 2
        if what == "drift dropped":              # nu b u_z, b = 2z, u_z = u_s/(sqrt(2) z)
            return abs(nu * mpmath.sqrt(2) * slope)
        return None

    with mpmath.workdps(20):
        for what in ("viscosity times 1.01", "factor 1/2 dropped", "drift dropped"):
            if what not in said:
                report(f"value: {what}", False, printed["altered"]["detail"])
                continue
            z, t, bound = said[what]
            value = expected(what, z, t)
            report(f"value: {what}", bound <= value * (1 + mpmath.mpf(10)**-15) and bound > value * mpmath.mpf("0.98"),
                   f"{bound} {value}")


TESTS = [(derivation, group) for group in GROUPS] + [(shock, entry) for entry in SHOCKS] + [(residuals, ())]

print(f"1..{10 * len(GROUPS) + 2 * len(SHOCKS) + 3}")
for function, arguments in TESTS:
    try:
        function(*arguments)
    except (RuntimeError, KeyError) as problem:
        report(f"{function.__name__} {arguments[:1]}", False, str(problem).replace("\n", " "))
