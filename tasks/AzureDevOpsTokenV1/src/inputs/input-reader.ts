import type { Agent } from '../agent';
import type { Parsed } from './parse-values';

/** Reads the inputs of a step, and collects what is wrong with them. */
export class InputReader {
  /** Each a sentence that names the input or variable. */
  readonly problems: string[];
  readonly agent: Agent;

  constructor(agent: Agent, problems: readonly string[]) {
    this.agent = agent;
    this.problems = [...problems];
  }

  /** Without the space around it; empty where it is not set. */
  text(name: string): string {
    return this.agent.getInput(name)?.trim() ?? '';
  }

  /** What the input holds, or stands for where it is empty; undefined where that is a problem. */
  read<T>(name: string, parse: (text: string) => Parsed<T>, otherwise = ''): T | undefined {
    return this.take(name, parse(this.text(name) || otherwise));
  }

  /** The same of an input that may be left empty. */
  readIfSet<T>(name: string, parse: (text: string) => Parsed<T>): T | undefined {
    return this.text(name) === '' ? undefined : this.read(name, parse);
  }

  /** @param name the input or variable that it comes from */
  take<T>(name: string, parsed: Parsed<T>): T | undefined {
    if ('value' in parsed) {
      return parsed.value;
    }
    this.problems.push(`${name} ${parsed.problem}`);
    return undefined;
  }
}
