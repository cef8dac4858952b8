// Bundles the task into the folder from which the agent starts it.
import { buildTask } from './build-task';

await buildTask();
