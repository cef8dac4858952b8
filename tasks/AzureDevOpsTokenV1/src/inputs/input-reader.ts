import type { Agent } from '../agent';
import type { Parsed } from './parse-values';

/** Reads the inputs of a step, and collects their problems. */
export class InputReader {
  /** Each problem is a sentence that begins with the name of the input or variable. */
  readonly problems: string[];
  readonly agent: Agent;

  constructor(agent: Agent, problems: readonly string[]) {
    this.agent = agent;
    this.problems = [...problems];
  }

  /** The value without white space around it; empty if the input is not set. */
  text(name: string): string {
    return this.agent.getInput(name)?.trim() ?? '';
  }

  /** Parses an input, or `otherwise` if the input is empty. Returns undefined if that is a problem. */
  read<T>(name: string, parse: (text: string) => Parsed<T>, otherwise = ''): T | undefined {
    return this.take(name, parse(this.text(name) || otherwise));
  }

  /** Parses an input. Returns undefined if the input is empty or if that is a problem. */
  readIfSet<T>(name: string, parse: (text: string) => Parsed<T>): T | undefined {
    return this.text(name) === '' ? undefined : this.read(name, parse);
  }

  /**
   * Returns the parsed value, or collects its problem.
   * @param name the input or variable that the value comes from
   */
  take<T>(name: string, parsed: Parsed<T>): T | undefined {
    if ('value' in parsed) {
      return parsed.value;
    }
    this.problems.push(`${name} ${parsed.problem}`);
    return undefined;
  }
}
