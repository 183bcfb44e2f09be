package bench

var memoryScenario, expireScenario, maxmemoryScenario, idleScenario scenario
