/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The problems of bench_integrator.c for CAPD::DynSys (https://capd.ii.uj.edu.pl), where that is installed; it is in no
    package of Debian. Not part of the build:

        c++ -O2 integrator_capd.cpp -o integrator_capd `capd-config --cflags --libs`

    CAPD's usual intervals are pairs of doubles: compare with the rows of 15 digits.
*/

#include <chrono>
#include <iostream>
#include <string>
#include "capd/capdlib.h"

using namespace capd;

static double
now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static void
row(const std::string & name, const std::string & field, const IVector & start, double time, bool jacobian)
{
    double begun = now();
    IMap map(field);
    IOdeSolver solver(map, 20);
    ITimeMap flow(solver);
    IVector end(start.dimension());

    if (jacobian)
    {
        C1Rect2Set set(start);
        IMatrix derivative(start.dimension(), start.dimension());
        end = flow(time, set, derivative);
    }
    else
    {
        C0Rect2Set set(start);
        end = flow(time, set);
    }
    std::cout << name << ", time " << time << ": " << now() - begun << " s, " << end[0] << std::endl;
}

int
main()
{
    std::cout.precision(17);
    /* geodesics of 1/2 (|P M^T|^2 + |P^T M|^2), M = (a b; c d), P = (p q; r s), with the whole Jacobian */
    const double head[8] = {1, 0.2, -0.25, 0.8, 0.25, -0.2, 0.1, 0.3};
    row("2 x 2 head", "var:a,b,c,d,p,q,r,s;fun:"
        "(p*a+q*b)*a+(p*c+q*d)*c+(p*a+r*c)*a+(p*b+r*d)*b,"
        "(p*a+q*b)*b+(p*c+q*d)*d+(q*a+s*c)*a+(q*b+s*d)*b,"
        "(r*a+s*b)*a+(r*c+s*d)*c+(p*a+r*c)*c+(p*b+r*d)*d,"
        "(r*a+s*b)*b+(r*c+s*d)*d+(q*a+s*c)*c+(q*b+s*d)*d,"
        "-((p*a+q*b)*p+(r*a+s*b)*r+(p*a+r*c)*p+(q*a+s*c)*q),"
        "-((p*a+q*b)*q+(r*a+s*b)*s+(p*b+r*d)*p+(q*b+s*d)*q),"
        "-((p*c+q*d)*p+(r*c+s*d)*r+(p*a+r*c)*r+(q*a+s*c)*s),"
        "-((p*c+q*d)*q+(r*c+s*d)*s+(p*b+r*d)*r+(q*b+s*d)*s);", IVector(8, head), 1, true);
    const double one[2] = {1, 0};
    row("oscillator", "var:x,y;fun:y,-x;", IVector(2, one), 628, false);
    const double swing[2] = {1, 0.5};
    row("pendulum", "var:x,y;fun:y,-sin(x);", IVector(2, swing), 10, false);
    row("pendulum", "var:x,y;fun:y,-sin(x);", IVector(2, swing), 100, false);
    const double perihelion[4] = {0.5, 0, 0, 1.75};
    row("Kepler", "var:x,y,u,v;fun:u,v,-x*(x^2+y^2)^(-3/2),-y*(x^2+y^2)^(-3/2);", IVector(4, perihelion), 10, false);
    const double ones[3] = {1, 1, 1};
    row("Lorenz", "var:x,y,z;fun:10*(y-x),x*(28-z)-y,x*y-8*z/3;", IVector(3, ones), 10, false);
    return 0;
}
