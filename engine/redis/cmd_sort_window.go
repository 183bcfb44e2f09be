// Sorting for the sake of a window: LIMIT at one of the ends of many elements needs no order among the others.

package redis

import "slices"

// fewOf is how many times smaller than the whole a window's distance from the nearer end must be to be picked by a heap: 10 of 1 M then cost about
// a comparison for each of the million. Beyond, sorting everything is as fast.
const fewOf = 8

// sortWindow puts v[from:to] as if all of v had been sorted; what lies around it is in no order. order tells apart whatever is not equal in every respect.
func sortWindow(v []sortable, from, to int, order func(a, b sortable) int) {
	switch n := len(v); {
	case from >= to:
	case to <= n/fewOf:
		pickFirst(v, to, order)
		slices.SortFunc(v[:to], order)
	case n-from <= n/fewOf:
		slices.Reverse(v) // so that the last ones are looked for in front; the order says what they are
		pickFirst(v, n-from, func(a, b sortable) int { return order(b, a) })
		slices.SortFunc(v[:n-from], func(a, b sortable) int { return order(b, a) })
		slices.Reverse(v)
	default:
		slices.SortFunc(v, order)
	}
}

// pickFirst brings the first n of v in front: they are a heap with the last of them on top, and whatever comes before that takes its place.
func pickFirst(v []sortable, n int, order func(a, b sortable) int) {
	heap := v[:n]
	for i := n/2 - 1; i >= 0; i-- {
		sink(heap, i, order)
	}
	for i := n; i < len(v); i++ {
		if order(v[i], heap[0]) < 0 {
			v[i], heap[0] = heap[0], v[i]
			sink(heap, 0, order)
		}
	}
}

// sink moves element i of a heap down to where it belongs.
func sink(heap []sortable, i int, order func(a, b sortable) int) {
	for {
		child := 2*i + 1
		if child >= len(heap) {
			return
		}
		if child+1 < len(heap) && order(heap[child+1], heap[child]) > 0 {
			child++
		}
		if order(heap[child], heap[i]) <= 0 {
			return
		}
		heap[i], heap[child] = heap[child], heap[i]
		i = child
	}
}
