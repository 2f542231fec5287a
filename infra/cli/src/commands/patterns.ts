import { openRunningSite, type PatternsView, type PatternView } from '@starling/runtime';
import { Command } from 'commander';
import { homeOption } from '../home.ts';
import { idBeginning } from '../id-beginning.ts';
import { type Format, formatOption, print } from '../output.ts';
import { describeLearning, describePattern, listPatterns } from '../pattern-text.ts';

interface PatternOptions {
  readonly home: string;
  readonly format: Format;
}

const ID_HELP = 'id of the pattern, or its first digits';

export function patternsCommand(): Command {
  const patterns = new Command('patterns')
    .description('Search patterns: what was proposed, measured, made final; your own veto.')
    .addHelpText('after', '\nExample:\n  $ starling patterns list --home ./north');
  patterns
    .command('list')
    .description('Every pattern that the site knows, with its status and verdicts.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling patterns list --home ./north')
    .action(async ({ home, format }: PatternOptions) => {
      const view = await (await openRunningSite(home)).patterns();
      print(format, view, () => listPatterns(view));
    });
  patterns
    .command('show')
    .description('One pattern: what it asks, who measured what, how it became final.')
    .argument('<id>', ID_HELP, idBeginning)
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling patterns show 5f3a09c1 --home ./north')
    .action(async (id: string, { home, format }: PatternOptions) => {
      const client = await openRunningSite(home);
      show(format, await client.pattern(id), await client.patterns());
    });
  patterns
    .command('veto')
    .description('Never search by a pattern at this site, whatever the others decided.')
    .argument('<id>', ID_HELP, idBeginning)
    .requiredOption('--reason <text>', 'why; it stays at this site')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ starling patterns veto 5f3a09c1 --reason "too slow here" --home ./north',
    )
    .action(async (id: string, options: PatternOptions & { readonly reason: string }) => {
      const client = await openRunningSite(options.home);
      const pattern = await client.vetoPattern(id, options.reason);
      print(options.format, pattern, () => `this site does not use ${pattern.id.slice(0, 16)}`);
    });
  patterns
    .command('unveto')
    .description('Take a veto back.')
    .argument('<id>', ID_HELP, idBeginning)
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling patterns unveto 5f3a09c1 --home ./north')
    .action(async (id: string, { home, format }: PatternOptions) => {
      const pattern = await (await openRunningSite(home)).unvetoPattern(id);
      print(format, pattern, () => `no veto stands against ${pattern.id.slice(0, 16)}`);
    });
  patterns.addCommand(learnCommand());
  return patterns;
}

function learnCommand(): Command {
  return new Command('learn')
    .description("Learn patterns from the site's own queries now; propose them if it opted in.")
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling patterns learn --home ./north')
    .action(async ({ home, format }: PatternOptions) => {
      const learned = await (await openRunningSite(home)).learnPatterns();
      print(format, learned, () => describeLearning(learned));
    });
}

function show(format: Format, pattern: PatternView, { sites }: PatternsView): void {
  print(format, pattern, () => describePattern(pattern, sites));
}
