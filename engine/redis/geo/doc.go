// Geography: points packed into sorted-set scores, the cells that cover a circle or a box, distances on the sphere.

// Package geo is pure: it knows no commands and no store.
//
// A score is a point: two numbers of 26 bits, latitude and longitude, interleaved bit by bit, so that points of one cell of the earth's
// surface are neighbours in a sorted set. A Cell is a prefix of such bits. A Search covers a Shape with at most nine cells and decides which
// of the points in them it holds.
//
// What is computed here comes out of replies with all its digits, so every formula keeps the order of operations of the original,
// and sine and arcsine are as exact as those of a good C library. No product is fused with a sum: conversions to float64 see to that on
// processors where the compiler would.
package geo
