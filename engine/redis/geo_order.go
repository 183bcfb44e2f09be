// sortFirst: sorting only the beginning of a list.

package redis

import "slices"

// Who asks for the nearest few of many gets them in an order that shows, where distances are equal, how they were sorted. So this is the original's way:
// the quicksort of Bentley and McIlroy ("Engineering a Sort Function", 1993), left alone where a part lies behind what is wanted.

const (
	fewToSort  = 7  // up to here by insertion
	manyToSort = 40 // from here on the middle is chosen with more care
)

// sortFirst puts the first n in order.
func sortFirst(list []ranking, n int) { sortWithin(list, n, 64*(len(list)+16)) }

// sortWithin is sortFirst with a budget of steps over elements. A list made to be hard for a quicksort uses it up, and is left to another way.
func sortWithin(list []ranking, n, budget int) {
	type part struct{ from, to int }
	var stack [64]part // the longer part waits, so the next is less than half
	todo := append(stack[:0], part{0, len(list)})
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if p.from >= n || p.to-p.from < 2 {
			continue
		}
		sub := list[p.from:p.to]
		if budget -= len(sub); budget < 0 {
			slices.SortFunc(sub, compareStable)
			continue
		}
		if len(sub) < fewToSort {
			insertionSort(sub)
			continue
		}
		less, more := partition(sub)
		a, b := part{p.from, p.from + less}, part{p.to - more, p.to}
		if less < more {
			a, b = b, a
		}
		todo = append(todo, a, b)
	}
}

func insertionSort(list []ranking) {
	for i := 1; i < len(list); i++ {
		for j := i; j > 0 && list[j-1].key > list[j].key; j-- {
			list[j-1], list[j] = list[j], list[j-1]
		}
	}
}

// partition moves what is less than some element to the front and what is more to the end, and tells how many those are.
func partition(s []ranking) (less, more int) {
	n := len(s)
	m := choose(s)
	s[0], s[m] = s[m], s[0]
	pivot := s[0].key
	// Equal ones are gathered at both ends: s[:a] and s[d+1:].
	a, b := 1, 1
	c, d := n-1, n-1
	for {
		for ; b <= c && s[b].key <= pivot; b++ {
			if s[b].key == pivot {
				s[a], s[b] = s[b], s[a]
				a++
			}
		}
		for ; b <= c && s[c].key >= pivot; c-- {
			if s[c].key == pivot {
				s[c], s[d] = s[d], s[c]
				d--
			}
		}
		if b > c {
			break
		}
		s[b], s[c] = s[c], s[b]
		b++
		c--
	}
	less, more = b-a, d-c
	swapRuns(s, 0, b-min(a, less), min(a, less))
	equal := n - d - 1
	swapRuns(s, b, n-min(more, equal), min(more, equal))
	return less, more
}

// swapRuns exchanges n elements at i with n at j.
func swapRuns(s []ranking, i, j, n int) {
	for k := range n {
		s[i+k], s[j+k] = s[j+k], s[i+k]
	}
}

// choose gives the position of the element to divide by: the middle one, or a median.
func choose(s []ranking) int {
	n := len(s)
	low, mid, high := 0, n/2, n-1
	if n > manyToSort {
		d := n / 8
		low = median(s, low, low+d, low+2*d)
		mid = median(s, mid-d, mid, mid+d)
		high = median(s, high-2*d, high-d, high)
	}
	if n > fewToSort {
		mid = median(s, low, mid, high)
	}
	return mid
}

func median(s []ranking, a, b, c int) int {
	x, y, z := s[a].key, s[b].key, s[c].key
	if x < y {
		switch {
		case y < z:
			return b
		case x < z:
			return c
		}
		return a
	}
	switch {
	case y > z:
		return b
	case x < z:
		return a
	}
	return c
}
