// In one file, so that one outage is played after the other.
import './outages/demo.ts';
import './outages/experiments.ts';
