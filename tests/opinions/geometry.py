# Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
# SPDX-License-Identifier: LGPL-3.0-or-later
#
#   python3 geometry.py
#
# The geometry of the 2 x 2 attention head by SymPy from its cometric: metric, Christoffel symbols, Ricci tensor.
# Prints the scalar curvature at m11 = 1, m12 = 2, m21 = 3, m22 = 5, and the seconds it took.

import time

from sympy import Matrix, Rational, cancel, diff, symbols

coordinates = symbols("m11 m12 m21 m22")
M = Matrix(2, 2, coordinates)
left, right = M * M.T, M.T * M
start = time.process_time()

# g(E_ij, E_kl) = delta_ik (M^T M)_jl + delta_jl (M M^T)_ik
cometric = Matrix(4, 4, lambda a, b: (right[a % 2, b % 2] if a // 2 == b // 2 else 0)
                  + (left[a // 2, b // 2] if a % 2 == b % 2 else 0))
determinant = cometric.det(method="berkowitz")
metric = cometric.adjugate().applyfunc(lambda x: cancel(x / determinant))

n = range(4)
lowered = [[[(diff(metric[j, l], coordinates[i]) + diff(metric[i, l], coordinates[j])
              - diff(metric[i, j], coordinates[l])) / 2 for l in n] for j in n] for i in n]
symbol = [[[cancel(sum(cometric[k, l] * lowered[i][j][l] for l in n)) for j in n] for i in n] for k in n]
ricci = [[cancel(sum(diff(symbol[i][j][k], coordinates[i]) - diff(symbol[i][i][k], coordinates[j])
                     + sum(symbol[i][i][m] * symbol[m][j][k] - symbol[i][j][m] * symbol[m][i][k] for m in n)
                     for i in n)) for j in n] for k in n]
scalar = cancel(sum(cometric[k, j] * ricci[k][j] for k in n for j in n))

seconds = time.process_time() - start
print("opinion", Rational(scalar.subs(dict(zip(coordinates, (1, 2, 3, 5))))), seconds)
