\\ Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
\\ SPDX-License-Identifier: LGPL-3.0-or-later
\\
\\ Four moments by PARI's intnum with 50 digits; nu, s0, t and loss(s) are defined before this is read.
\\ Prints the local entropy, v = u_s, and the seconds a run took.

default(realprecision, 50);
{
  kappa = 1/(4*nu*t); w = 12/sqrt(kappa); runs = 10; gettime();
  for(run = 1, runs,
    m = vector(4, k, intnum(y = s0 - w, s0 + w, (s0 - y)^(k-1)*exp(-kappa*(s0 - y)^2 - loss(y)/(2*nu)), 3)));
  seconds = gettime()/1000.0/runs;
}
print(-2*nu*log(sqrt(kappa/Pi)*m[1]));
print(m[2]/(t*m[1]));
print(seconds);
