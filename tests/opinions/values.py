# Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
#   python3 values.py NU S T LOSS
#
# The local entropy and its first three derivatives at a point of the flat line by mpmath's quadrature of
# four moments with 50 digits, one a line (45 digits printed), then the seconds it took.

import sys
import time

import mpmath

mpmath.mp.dps = 50


def fraction(text):
    parts = text.split("/")
    return mpmath.mpf(parts[0]) / mpmath.mpf(parts[1] if len(parts) > 1 else 1)


nu, s, t = (fraction(text) for text in sys.argv[1:4])
names = {name: getattr(mpmath, name) for name in ("exp", "log", "sqrt", "cos", "sin", "tanh", "erf", "pi")}
loss = eval("lambda s: " + sys.argv[4].replace("^", "**"), names)

start = time.process_time()
kappa = 1 / (4 * nu * t)
width = 1 / mpmath.sqrt(kappa)
ends = [s + width * k for k in (-12, -6, -3, 0, 3, 6, 12)]


def moment(k):
    return mpmath.quad(lambda y: (s - y)**k * mpmath.exp(-kappa * (s - y)**2 - loss(y) / (2 * nu)), ends,
                       maxdegree=9)


m = [moment(k) for k in range(4)]
seconds = time.process_time() - start
phi = [m[0], -2 * kappa * m[1], 4 * kappa**2 * m[2] - 2 * kappa * m[0],
       -8 * kappa**3 * m[3] + 12 * kappa**2 * m[1]]
a, b, c = (phi[k] / phi[0] for k in (1, 2, 3))
root = mpmath.sqrt(kappa / mpmath.pi)
for value in (mpmath.log(root * phi[0]), a, b - a**2, c - 3 * a * b + 2 * a**3):
    print(mpmath.nstr(-2 * nu * value, 45, min_fixed=-mpmath.inf, max_fixed=mpmath.inf))
print(seconds)
