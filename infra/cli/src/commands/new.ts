import { relative } from 'node:path';
import { APP_TEMPLATES, type AppTemplate, newApp } from '@starling/runtime';
import { Command, Option } from 'commander';
import { type Format, formatOption, print } from '../output.ts';

export function newCommand(): Command {
  return new Command('new')
    .description('Make a federated app that works at once, and is yours to change.')
    .argument('<name>', 'a new folder; the app is named as it')
    .addOption(
      new Option('--template <template>', 'digits: a perceptron; logistic: tables of sites')
        .choices(APP_TEMPLATES)
        .default('digits'),
    )
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ starling new first-app && starling run first-app --stream',
    )
    .action(async (name: string, options: { template: AppTemplate; format: Format }) => {
      const { files, folder } = await newApp(name, options.template);
      print(options.format, { success: true, folder, files }, () => {
        const place = relative(process.cwd(), folder) || '.';
        return `${files.join(', ')} in ${folder}\nnow: starling run ${place} --stream`;
      });
    });
}
