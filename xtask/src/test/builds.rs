//! Builds that several parts need, each made once in a run.

use std::path::{Path, PathBuf};

use super::Part;
use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{build, dist};

/// The builds of one run.
pub(super) struct Builds<'a> {
    pub(super) workspace: &'a Workspace,
    /// Whether the parts test the static program.
    tests_program: bool,
    is_client_built: bool,
    program: Option<PathBuf>,
    server: Option<PathBuf>,
}

impl<'a> Builds<'a> {
    /// Nothing is built yet. If the static program has to be built for one part, all parts test
    /// it: it is what is shipped, and another server would take minutes to compile.
    pub(super) fn new(workspace: &'a Workspace, parts: &[Part]) -> Self {
        let tests_program = cfg!(target_os = "linux") && parts.contains(&Part::Dist);
        Self { workspace, tests_program, is_client_built: false, program: None, server: None }
    }

    /// The optimised client in `dist/`.
    pub(super) fn client(&mut self) -> Result<(), Failure> {
        if !self.is_client_built {
            build::client(self.workspace)?;
            self.is_client_built = true;
        }
        Ok(())
    }

    /// The static program that contains the client.
    pub(super) fn program(&mut self) -> Result<&Path, Failure> {
        let program = match self.program.take() {
            Some(program) => program,
            None => {
                self.client()?;
                dist::program(self.workspace)?
            }
        };
        Ok(self.program.insert(program))
    }

    /// The optimised server to test.
    pub(super) fn server(&mut self) -> Result<&Path, Failure> {
        if self.tests_program {
            return self.program();
        }
        let server = match self.server.take() {
            Some(server) => server,
            None => {
                build::server(self.workspace)?;
                self.workspace.server()
            }
        };
        Ok(self.server.insert(server))
    }
}
