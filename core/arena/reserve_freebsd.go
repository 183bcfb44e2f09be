// FreeBSD reserves no swap for mappings unless it is told to.

package arena

const noReserve = 0
